/**
 * The properties that a REST catalog is opened with, made of the connector's options and auth (04 §3.2–3.5, 08 §4.2, §4.4). The
 * catalog is always asked with the connector's own identity, never with vended storage credentials (decision 24).
 */
import type { SourceConnector } from "../../../model/index.ts";
import { isJavaBlank, javaTrim } from "../../../types/index.ts";
import type { CatalogContext } from "../../catalog/index.ts";
import type { ConnectorOptions } from "../options.ts";

export interface CatalogProperties {
  /** The connector's side; what the catalog's `config` call answers is laid under and over it. */
  readonly own: ConnectorOptions;
  /** A profile that signs where the properties hold no keys. */
  readonly profile: { readonly profile?: string | undefined; readonly profileFile?: string | undefined };
}

const DEFAULT_REGION = "us-east-1";

export function catalogProperties(
  connector: Pick<SourceConnector, "uri" | "auth">,
  ownOptions: ConnectorOptions,
  environment: CatalogContext["environment"],
): CatalogProperties {
  const { auth } = connector;
  const scheme = javaTrim(auth.scheme).toLowerCase();
  // QUIRK (must match): an option named `uri` wins over the connector's.
  const options = withRegion(
    { uri: connector.uri, ...fromEnvironment(ownOptions, environment) },
    auth.properties,
    scheme,
  );
  const own: Record<string, string> = { ...options, ...signingKeys(options) };
  if (scheme === "aws-sigv4") {
    own["rest.auth.type"] = "sigv4";
    own["rest.signing-name"] = filled(auth.properties["signing-name"]) ?? "glue";
    own["rest.signing-region"] =
      filled(auth.properties["signing-region"]) ??
      filled(options["rest.signing-region"]) ??
      filled(options["s3.region"]) ??
      DEFAULT_REGION;
  }
  if (scheme === "oauth2") {
    own["rest.auth.type"] = "oauth2";
    own.token = auth.properties.token ?? "";
    const server = filled(auth.properties["oauth2-server-uri"]);
    if (server !== undefined) own["oauth2-server-uri"] = server;
  }
  for (const [name, value] of Object.entries(auth.headerHints)) own[`header.${name}`] = value;
  return {
    own,
    profile: {
      profile: filled(auth.properties["aws.profile"]),
      profileFile: filled(auth.properties["aws.profile_path"]),
    },
  };
}

/** Values `env:NAME` stand for a variable; without it the option is dropped (04 §3.2). */
export function fromEnvironment(
  options: ConnectorOptions,
  environment: CatalogContext["environment"],
): ConnectorOptions {
  return Object.fromEntries(
    Object.entries(options).flatMap(([key, value]) => {
      if (!value.startsWith("env:")) return [[key, value]];
      const found = environment(value.slice("env:".length));
      return found === undefined ? [] : [[key, found]];
    }),
  );
}

/** 08 §4.2: one region for `client.region` and `s3.region`, where they are absent. */
export function withRegion(
  options: ConnectorOptions,
  authProperties: ConnectorOptions,
  scheme: string,
): ConnectorOptions {
  const region =
    filled(options["client.region"]) ?? filled(options["s3.region"]) ?? filled(options["aws.region"]);
  const fallback =
    scheme === "aws-sigv4"
      ? (filled(authProperties["signing-region"]) ?? filled(options["rest.signing-region"]) ?? DEFAULT_REGION)
      : undefined;
  const known = region ?? fallback;
  return known === undefined ? options : { "client.region": known, "s3.region": known, ...options };
}

/**
 * Keys that sign: `rest.*`, else the connector's own `s3.*`, all of one source. (The reference copies each key by itself, and
 * in inline none at all: a token of one identity beside the keys of another signs nothing.)
 */
function signingKeys(options: ConnectorOptions): ConnectorOptions {
  if (filled(options["rest.access-key-id"]) !== undefined) return {};
  const access = filled(options["s3.access-key-id"]);
  const secret = filled(options["s3.secret-access-key"]);
  if (access === undefined || secret === undefined) return {};
  const token = filled(options["s3.session-token"]);
  return {
    "rest.access-key-id": access,
    "rest.secret-access-key": secret,
    ...(token !== undefined && { "rest.session-token": token }),
  };
}

export function filled(value: string | undefined): string | undefined {
  return value === undefined || isJavaBlank(value) ? undefined : javaTrim(value);
}
