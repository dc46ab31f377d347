/** How settings become storage: how S3 is read by commands that have no connector, and what holds for every store. */
import { readEnvironment, readHttpFiles, type Settings } from "../config/index.ts";
import { UsageError } from "../model/index.ts";
import type {
  AzureCredentialSettings,
  GcsSettings,
  S3CredentialSettings,
  S3Settings,
  StoreSettings,
} from "../storage/index.ts";

/** What the operator sets for every store, whoever names the tables. */
export function storeRules(settings: Settings): Pick<StoreSettings, "reach" | "network" | "limits"> {
  const { storage } = settings;
  return {
    reach: { schemes: storage.allowedSchemes, hosts: storage.allowedHosts },
    network: readHttpFiles(settings),
    limits: {
      concurrentRequests: storage.concurrentRequests,
      attempts: storage.requestAttempts,
      requestMs: storage.requestTimeoutMs,
      readAheadBytes: storage.readAheadBytes,
    },
  };
}

/** Storage of `capture` and `inspect`: every local file, files of web servers, and object stores by the flags, else as the machine is set up. */
export function commandStore(
  settings: Settings,
  options: { readonly testRoot?: string | undefined } = {},
): StoreSettings {
  return {
    local: { kind: "anywhere" },
    testRoot: options.testRoot,
    s3: s3Of(settings.storage),
    gcs: gcsOf(settings.storage.gcsAnonymous),
    azure: {
      endpoint: readEnvironment().azure.endpoint,
      credentials: azureOf(settings.storage.azureAnonymous),
    },
    web: true,
    ...storeRules(settings),
  };
}

/** As Google's own tools find it; an emulator asks nobody who they are. */
function gcsOf(isAnonymous: boolean): GcsSettings {
  const { endpoint, accessToken, ...files } = readEnvironment().google;
  if (!isAnonymous && accessToken !== undefined) {
    return { endpoint, credentials: { kind: "token", token: accessToken } };
  }
  if (isAnonymous || endpoint !== undefined) return { endpoint, credentials: { kind: "anonymous" } };
  return { credentials: { kind: "application-default", ...files } };
}

/** By the variables that other tools for Azure know; what is said more plainly comes first. */
function azureOf(isAnonymous: boolean): AzureCredentialSettings {
  const said = readEnvironment().azure;
  const { account, key, sas, token, tenantId, clientId, clientSecret, tokenFile } = said;
  if (isAnonymous) return { kind: "anonymous" };
  if (account !== undefined && key !== undefined) return { kind: "shared-key", account, key };
  if (account !== undefined && sas !== undefined) return { kind: "sas", account, sas };
  if (token !== undefined) return { kind: "token", token };
  if (tenantId !== undefined && clientId !== undefined) {
    const client = { kind: "client" as const, authorityHost: said.authorityHost, tenantId, clientId };
    if (clientSecret !== undefined) return { ...client, proof: { secret: clientSecret } };
    if (tokenFile !== undefined) return { ...client, proof: { tokenFile } };
  }
  return { kind: "managed", clientId, metadataAddress: said.metadataAddress };
}

function s3Of(storage: Settings["storage"]): S3Settings {
  const { s3Endpoint: endpoint, s3Region: region } = storage;
  return {
    schemes: ["s3", "s3a", "s3n"],
    endpoint,
    region,
    pathStyle: storage.s3PathStyle ?? (endpoint !== undefined && !isAmazons(endpoint)),
    credentials: credentialsOf(storage),
  };
}

function isAmazons(endpoint: string): boolean {
  return /(^|\.)amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname);
}

function credentialsOf(storage: Settings["storage"]): S3CredentialSettings {
  const { awsProfile: profile, awsRoleArn: roleArn, awsExternalId: externalId } = storage;
  if (storage.s3Anonymous) {
    if (roleArn !== undefined) throw new UsageError("--s3-anonymous and --aws-role-arn exclude each other");
    return { kind: "anonymous" };
  }
  if (roleArn !== undefined) return { kind: "assume-role", roleArn, externalId, profile };
  if (externalId !== undefined) throw new UsageError("--aws-external-id needs --aws-role-arn");
  return { kind: "chain", profile };
}
