/** The connector that a control plane would hand out for a table of a catalog, made of the command's options. */
import { readFile } from "node:fs/promises";
import { type SourceConnector, UsageError } from "../../model/index.ts";
import type { CatalogOptions } from "./options.ts";

export interface ConnectorRequest {
  readonly kind: NonNullable<CatalogOptions["catalog"]>;
  readonly options: CatalogOptions;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** `references`: in place of secrets stand the names of the variables that hold them, for whoever uses the connector. */
  readonly secrets?: "references";
}

export interface CatalogConnectors {
  /** Where the catalog is, for reports. */
  readonly uri: string;
  /** Of the format's own connector kind. */
  connector(format: "iceberg" | "delta", properties: Readonly<Record<string, string>>): SourceConnector;
}

const TOKEN = "FLOECAT_CATALOG_TOKEN";
const CREDENTIAL = "FLOECAT_CATALOG_CREDENTIAL";

export async function catalogConnectors(request: ConnectorRequest): Promise<CatalogConnectors> {
  const { kind, options } = request;
  const uri = catalogUri(request);
  const auth = await authOf(request);
  const region = kind === "glue" ? signingRegion(options, request.variables) : undefined;
  const own = {
    ...(region !== undefined && { "client.region": region }),
    ...extraOptions(options.catalogOption, request),
  };
  return {
    uri,
    connector(format, properties) {
      const base = { resourceId: undefined, uri, auth: auth.connector };
      if (format === "delta") {
        const source = kind === "unity" ? "unity" : "glue";
        return { ...base, kind: "delta", properties: { "delta.source": source, ...own, ...properties } };
      }
      return {
        ...base,
        kind: "iceberg",
        properties: {
          "iceberg.source": kind === "glue" ? "glue" : "rest",
          ...(options.warehouse !== undefined && { warehouse: options.warehouse }),
          ...auth.properties,
          ...own,
          ...properties,
        },
      };
    },
  };
}

function catalogUri({ kind, options, variables }: ConnectorRequest): string {
  const stated = options.catalogUri ?? (kind === "unity" ? hostUri(variables.DATABRICKS_HOST) : undefined);
  if (stated !== undefined) {
    const { username, password } = new URL(stated);
    // Not repeated: it holds a password.
    if (username !== "" || password !== "") {
      throw new UsageError(
        `--catalog-uri: no user name or password belongs into the address; use ${TOKEN} or ${CREDENTIAL}`,
      );
    }
    return stated.replace(/\/+$/, "");
  }
  if (kind !== "glue") {
    const other = kind === "unity" ? " (or DATABRICKS_HOST)" : "";
    throw new UsageError(`--catalog ${kind} needs --catalog-uri${other}`);
  }
  const endpoint = variables.AWS_ENDPOINT_URL_GLUE?.trim() || variables.AWS_ENDPOINT_URL?.trim();
  if (endpoint) return `${endpoint.replace(/\/+$/, "")}/iceberg`;
  const region = signingRegion(options, variables);
  if (region === undefined) {
    throw new UsageError("--catalog glue needs a region: set AWS_REGION, or --signing-region");
  }
  if (!/^[a-z0-9-]{1,40}$/.test(region))
    throw new UsageError("the region of --catalog glue is no AWS region");
  return `https://glue.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}/iceberg`;
}

function hostUri(host: string | undefined): string | undefined {
  const text = host?.trim() || undefined;
  if (text === undefined) return undefined;
  const address = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) throw new UsageError("DATABRICKS_HOST is no address");
  return address;
}

function signingRegion(
  options: CatalogOptions,
  variables: ConnectorRequest["variables"],
): string | undefined {
  return options.signingRegion ?? (variables.AWS_REGION?.trim() || undefined);
}

interface Auth {
  readonly connector: SourceConnector["auth"];
  /** Options of an Iceberg connector that carry auth. */
  readonly properties: Readonly<Record<string, string>>;
}

const DELEGATION = { "X-Iceberg-Access-Delegation": "vended-credentials" };

async function authOf(request: ConnectorRequest): Promise<Auth> {
  const { kind, options, variables } = request;
  const { awsProfile } = options;
  const found = {
    token: await secret(options.catalogTokenFile ?? fileOf(TOKEN, variables), variables[TOKEN]),
    credential: await secret(
      options.catalogCredentialFile ?? fileOf(CREDENTIAL, variables),
      variables[CREDENTIAL],
    ),
  };
  const how = options.catalogAuth === "auto" ? automatic({ kind, ...found, variables }) : options.catalogAuth;
  const { token, credential } =
    request.secrets === "references" ? { token: `env:${TOKEN}`, credential: `env:${CREDENTIAL}` } : found;
  const headerHints = options.vendedCredentials && kind !== "unity" ? DELEGATION : {};
  const auth = (scheme: string, properties: Readonly<Record<string, string>> = {}) => ({
    scheme,
    properties,
    headerHints,
  });
  switch (how) {
    case "none":
      return { connector: auth("none"), properties: {} };
    case "token":
      if (token === undefined) {
        throw new UsageError(`--catalog-auth token needs a token: set ${TOKEN}, or --catalog-token-file`);
      }
      return { connector: auth("oauth2", { token }), properties: {} };
    case "client":
      if (credential === undefined) {
        throw new UsageError(
          `--catalog-auth client needs id:secret: set ${CREDENTIAL}, or --catalog-credential-file`,
        );
      }
      if (kind === "unity")
        throw new UsageError("--catalog unity takes a token; --catalog-auth client is for rest");
      return {
        connector: auth("none"),
        properties: {
          credential,
          ...(options.oauth2ServerUri !== undefined && { "oauth2-server-uri": options.oauth2ServerUri }),
          ...(options.oauth2Scope !== undefined && { scope: options.oauth2Scope }),
        },
      };
    case "sigv4": {
      if (kind === "unity")
        throw new UsageError("--catalog unity takes a token; --catalog-auth sigv4 is for rest and glue");
      const region = signingRegion(options, variables);
      return {
        connector: auth("aws-sigv4", {
          ...(options.signingName !== undefined && { "signing-name": options.signingName }),
          ...(region !== undefined && { "signing-region": region }),
          ...(awsProfile !== undefined && { "aws.profile": awsProfile }),
        }),
        properties: {},
      };
    }
    case "databricks-cli":
      if (kind !== "unity") throw new UsageError("--catalog-auth databricks-cli is for --catalog unity");
      return { connector: auth("oauth2", { "oauth.mode": "cli" }), properties: {} };
  }
}

function automatic(known: {
  readonly kind: ConnectorRequest["kind"];
  readonly token: string | undefined;
  readonly credential: string | undefined;
  readonly variables: ConnectorRequest["variables"];
}): Exclude<CatalogOptions["catalogAuth"], "auto"> {
  const { kind, token, credential, variables } = known;
  if (kind === "glue") return "sigv4";
  if (token !== undefined) return "token";
  if (kind === "unity") return variables.DATABRICKS_TOKEN?.trim() ? "databricks-cli" : "none";
  return credential === undefined ? "none" : "client";
}

/** `<VARIABLE>_FILE`, as settings have it. */
function fileOf(name: string, variables: ConnectorRequest["variables"]): string | undefined {
  return variables[`${name}_FILE`]?.trim() || undefined;
}

/** The text of a file without the line end that editors add, else a variable. */
async function secret(file: string | undefined, variable: string | undefined): Promise<string | undefined> {
  if (file === undefined) return variable?.trim() || undefined;
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new UsageError(`${file} can't be read`, { cause });
  }
  if (text.trim() === "") throw new UsageError(`${file} is empty`);
  return text.trim();
}

/** Keys whose values are secrets, as the server knows them (08 §8.2); their values may stand in a variable alone. */
const SECRET_KEY =
  /authorization|bearer|token$|secret|password|access.?key|private.?key|api.?key|credential$|jwt|assertion/i;

function extraOptions(
  texts: readonly string[],
  { variables, secrets }: ConnectorRequest,
): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      // Not repeated: it may be a secret with a slip in front of it.
      if (equals <= 0) throw new UsageError("--catalog-option: key=value is needed");
      const key = text.slice(0, equals).trim();
      const value = text.slice(equals + 1);
      if (SECRET_KEY.test(key) && !value.startsWith("env:")) {
        throw new UsageError(
          `--catalog-option ${key}: a secret on a command line can be read by every user of the machine; put it into a variable and say ${key}=env:NAME`,
        );
      }
      if (!value.startsWith("env:") || secrets === "references") return [key, value];
      const name = value.slice("env:".length);
      const found = variables[name];
      if (found === undefined)
        throw new UsageError(`--catalog-option ${key}: the variable ${name} is not set`);
      return [key, found];
    }),
  );
}
