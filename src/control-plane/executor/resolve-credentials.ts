/**
 * A connector with its credentials resolved, as a payload delivers it (08 §2.2, §2.3): secrets in plain text among its options
 * or auth properties, `credentials` itself gone. Resolved anew for every payload, so that temporary ones are fresh.
 */
import type { Generation } from "../../model/index.ts";
import type {
  AuthCredentials,
  Connector,
} from "../../protocol/chunked/gen/floecat/connector/connector_pb.ts";
import { badArgument } from "../errors/index.ts";

/** Who is asked for what a connector's credentials don't hold themselves. */
export interface CredentialIssuers {
  /** A client-credentials grant: the access token. */
  grant(request: GrantRequest): Promise<string>;
  assumeRole(request: RoleRequest): Promise<IssuedKeys>;
  newId(): string;
}

export interface GrantRequest {
  readonly endpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}

export interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly externalId: string;
  readonly durationSeconds: number;
  /** Undefined: the ambient identity assumes the role. */
  readonly webIdentityToken: string | undefined;
  readonly region: string | undefined;
}

export interface IssuedKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

type TextMap = Readonly<Record<string, string>>;

interface Resolved {
  readonly options?: TextMap;
  /** In place of the stored auth properties if `alone`, else over them. */
  readonly authProperties?: TextMap;
  readonly alone?: boolean;
}

/** Changes the connector. */
export async function resolveCredentials(
  connector: Connector,
  generation: Generation,
  issuers: CredentialIssuers,
): Promise<void> {
  const { auth } = connector;
  const credentials = auth?.credentials;
  if (auth === undefined || credentials === undefined) return;
  delete auth.credentials;
  const scheme = auth.scheme.trim().toLowerCase();
  // The secret isn't even looked up.
  if (connector.resourceId === undefined || scheme === "" || scheme === "none") return;
  const resolved = await resolve(credentials, connector, generation, issuers);
  connector.properties = { ...connector.properties, ...resolved.options };
  auth.properties = { ...(resolved.alone ? {} : auth.properties), ...resolved.authProperties };
  if (resolved.alone) auth.headerHints = {};
}

async function resolve(
  { credential, properties }: AuthCredentials,
  connector: Connector,
  generation: Generation,
  issuers: CredentialIssuers,
): Promise<Resolved> {
  switch (credential.case) {
    case undefined:
      return {};
    case "bearer":
      return { authProperties: { token: credential.value.token } };
    case "client": {
      const stored = connector.auth?.properties ?? {};
      const { clientId, clientSecret } = credential.value;
      const scope = filled(properties.scope) ?? filled(stored.scope) ?? "";
      const endpoint = filled(credential.value.endpoint) ?? filled(stored["oauth2-server-uri"]);
      if (endpoint === undefined) {
        return { authProperties: onlyFilled({ client_id: clientId, client_secret: clientSecret, scope }) };
      }
      const token = await issuers.grant({ endpoint, clientId, clientSecret, scope });
      return { authProperties: { token }, alone: true };
    }
    case "cli":
      return { authProperties: cliProperties(credential.value.provider, properties) };
    case "aws":
      return { options: s3Keys(credential.value) };
    case "awsWebIdentity":
    case "awsAssumeRole": {
      const isWebIdentity = credential.case === "awsWebIdentity";
      const { roleArn, roleSessionName, durationSeconds } = credential.value;
      const keys = await issuers.assumeRole({
        roleArn,
        sessionName:
          filled(roleSessionName) ?? (isWebIdentity ? "floecat-web-identity" : "floecat-assume-role"),
        externalId: credential.case === "awsAssumeRole" ? credential.value.externalId : "",
        durationSeconds,
        webIdentityToken: isWebIdentity ? (properties["aws.web_identity_token"] ?? "") : undefined,
        region: stsRegion(generation, properties, connector.properties),
      });
      return { options: { ...s3Keys(keys), ...providerHandles(generation, issuers.newId()) } };
    }
    case "rfc8693TokenExchange":
    case "azureTokenExchange":
    case "gcpTokenExchange":
      // There is no caller whose token could be exchanged.
      throw badArgument("subject_token required for token exchange");
  }
}

function cliProperties(provider: string, properties: TextMap): TextMap {
  const name = provider.trim().toLowerCase();
  if (name === "aws") {
    return onlyFilled({
      "cli.provider": name,
      "aws.profile": properties.profile_name,
      "aws.profile_path": properties.cache_path,
    });
  }
  const { cache_path, client_id, scope } = properties;
  return onlyFilled({ "cli.provider": name, cache_path, client_id, scope });
}

function s3Keys({ accessKeyId, secretAccessKey, sessionToken }: IssuedKeys): TextMap {
  return onlyFilled({
    "s3.access-key-id": unquoted(accessKeyId),
    "s3.secret-access-key": unquoted(secretAccessKey),
    "s3.session-token": unquoted(sessionToken),
  });
}

/** QUIRK, matched: handles into the server's own memory, which mean nothing to a worker. */
function providerHandles(generation: Generation, id: string): TextMap {
  return generation === "inline"
    ? {}
    : { "floecat.aws.credentials-provider-id": id, "floecat-provider-id": id };
}

/** inline leaves it to the SDK. */
function stsRegion(generation: Generation, properties: TextMap, options: TextMap): string | undefined {
  if (generation === "inline") return undefined;
  return filled(properties["client.region"]) ?? filled(options["s3.region"]) ?? filled(options["aws.region"]);
}

/** Trimmed, and without one pair of quotes around it. */
function unquoted(text: string): string {
  const trimmed = text.trim();
  return /^(["']).*\1$/s.test(trimmed) && trimmed.length >= 2 ? trimmed.slice(1, -1) : trimmed;
}

function onlyFilled(values: Readonly<Record<string, string | undefined>>): TextMap {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      const text = filled(value);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}

function filled(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}
