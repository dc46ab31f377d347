/** What the clouds' own tools go by, read from the environment of the process under their own names. */
import { homedir } from "node:os";
import { join } from "node:path";
import { filled } from "./filled.ts";

export interface GoogleEnvironment {
  /** `STORAGE_EMULATOR_HOST`, with `http://` if it has no scheme. */
  readonly endpoint: string | undefined;
  /** `GOOGLE_OAUTH_ACCESS_TOKEN`. */
  readonly accessToken: string | undefined;
  /** `GOOGLE_APPLICATION_CREDENTIALS`. */
  readonly credentialsFile: string | undefined;
  /** What `gcloud auth application-default login` writes, below `CLOUDSDK_CONFIG` or the home. */
  readonly wellKnownFile: string;
  /** `GCE_METADATA_HOST`. */
  readonly metadataHost: string | undefined;
}

export function googleEnvironment(env: NodeJS.ProcessEnv): GoogleEnvironment {
  const emulator = filled(env.STORAGE_EMULATOR_HOST);
  const home = filled(env.APPDATA) ?? join(homedir(), ".config");
  return {
    endpoint: emulator !== undefined && !emulator.includes("://") ? `http://${emulator}` : emulator,
    accessToken: filled(env.GOOGLE_OAUTH_ACCESS_TOKEN),
    credentialsFile: filled(env.GOOGLE_APPLICATION_CREDENTIALS),
    wellKnownFile: join(
      filled(env.CLOUDSDK_CONFIG) ?? join(home, "gcloud"),
      "application_default_credentials.json",
    ),
    metadataHost: filled(env.GCE_METADATA_HOST),
  };
}

export interface AzureEnvironment {
  /** `AZURE_STORAGE_BLOB_ENDPOINT`. */
  readonly endpoint: string | undefined;
  /** `AZURE_STORAGE_ACCOUNT`, else `AZURE_STORAGE_ACCOUNT_NAME`. */
  readonly account: string | undefined;
  /** `AZURE_STORAGE_KEY`, else `AZURE_STORAGE_ACCOUNT_KEY`. */
  readonly key: string | undefined;
  /** `AZURE_STORAGE_SAS_TOKEN`. */
  readonly sas: string | undefined;
  /** `AZURE_STORAGE_TOKEN`. */
  readonly token: string | undefined;
  readonly tenantId: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  /** `AZURE_FEDERATED_TOKEN_FILE`. */
  readonly tokenFile: string | undefined;
  readonly authorityHost: string | undefined;
  /** `AZURE_POD_IDENTITY_AUTHORITY_HOST`. */
  readonly metadataAddress: string | undefined;
}

export function azureEnvironment(env: NodeJS.ProcessEnv): AzureEnvironment {
  return {
    endpoint: filled(env.AZURE_STORAGE_BLOB_ENDPOINT),
    account: filled(env.AZURE_STORAGE_ACCOUNT) ?? filled(env.AZURE_STORAGE_ACCOUNT_NAME),
    key: filled(env.AZURE_STORAGE_KEY) ?? filled(env.AZURE_STORAGE_ACCOUNT_KEY),
    sas: filled(env.AZURE_STORAGE_SAS_TOKEN),
    token: filled(env.AZURE_STORAGE_TOKEN),
    tenantId: filled(env.AZURE_TENANT_ID),
    clientId: filled(env.AZURE_CLIENT_ID),
    clientSecret: filled(env.AZURE_CLIENT_SECRET),
    tokenFile: filled(env.AZURE_FEDERATED_TOKEN_FILE),
    authorityHost: filled(env.AZURE_AUTHORITY_HOST),
    metadataAddress: filled(env.AZURE_POD_IDENTITY_AUTHORITY_HOST),
  };
}
