import { readFile } from "node:fs/promises";
import type { HttpSettings } from "../../http/index.ts";
import { AccessDeniedError, type Clock, TableError } from "../../model/index.ts";
import { requestToken } from "../tokens/token-request.ts";
import { type AccessToken, fixedToken, renewedToken, type TokenRing } from "../tokens/token-ring.ts";
import type { AzureCredentialSettings, AzureIdentitySettings } from "./settings.ts";

/** Tokens for Azure storage: of a service principal by secret or by the platform's token, or of the machine. */
const RESOURCE = "https://storage.azure.com/";
const AUTHORITY_HOST = "https://login.microsoftonline.com";
const METADATA_ADDRESS = "http://169.254.169.254";
const METADATA_TIMEOUT_MS = 5000;
const MAX_TOKEN_FILE_BYTES = 64 * 1024;

export interface TokenContext {
  readonly network: HttpSettings | undefined;
  readonly clock: Clock;
}

export function azureTokens(settings: AzureCredentialSettings, context: TokenContext): TokenRing {
  switch (settings.kind) {
    case "token":
      return fixedToken(settings.token);
    case "client":
    case "managed":
      return renewedToken((signal) => identityToken(settings, context, signal), context.clock);
    default:
      return fixedToken(undefined);
  }
}

async function identityToken(
  settings: AzureIdentitySettings,
  context: TokenContext,
  signal: AbortSignal,
): Promise<AccessToken> {
  return settings.kind === "client"
    ? await clientToken(settings, context, signal)
    : await managedToken(settings, context, signal);
}

async function clientToken(
  settings: Extract<AzureIdentitySettings, { readonly kind: "client" }>,
  { network, clock }: TokenContext,
  signal: AbortSignal,
): Promise<AccessToken> {
  const { tenantId, clientId, proof } = settings;
  if (!/^[A-Za-z0-9.-]{1,253}$/.test(tenantId)) throw new TableError("AZURE_TENANT_ID is no tenant");
  const host = (settings.authorityHost ?? AUTHORITY_HOST).replace(/\/+$/, "");
  if (!/^https?:\/\//.test(host) || !URL.canParse(host))
    throw new TableError("AZURE_AUTHORITY_HOST is no URL");
  return await requestToken({
    service: "Entra ID",
    url: `${host}/${tenantId}/oauth2/v2.0/token`,
    form: {
      grant_type: "client_credentials",
      client_id: clientId,
      scope: `${RESOURCE}.default`,
      ...("secret" in proof
        ? { client_secret: proof.secret }
        : {
            client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            client_assertion: await platformToken(proof.tokenFile, signal),
          }),
    },
    network,
    clock,
    signal,
  });
}

/** The platform replaces the file: it is read each time. */
async function platformToken(path: string, signal: AbortSignal): Promise<string> {
  try {
    const text = (await readFile(path, { encoding: "utf8", signal })).trim();
    if (text !== "" && text.length <= MAX_TOKEN_FILE_BYTES) return text;
  } catch (cause) {
    signal.throwIfAborted();
    throw new AccessDeniedError(`the file ${path} of AZURE_FEDERATED_TOKEN_FILE can't be read`, { cause });
  }
  throw new AccessDeniedError(`the file ${path} of AZURE_FEDERATED_TOKEN_FILE holds no token`);
}

async function managedToken(
  {
    clientId,
    metadataAddress = METADATA_ADDRESS,
  }: Extract<AzureIdentitySettings, { readonly kind: "managed" }>,
  { clock }: TokenContext,
  signal: AbortSignal,
): Promise<AccessToken> {
  const query = new URLSearchParams({
    "api-version": "2018-02-01",
    resource: RESOURCE,
    ...(clientId !== undefined && { client_id: clientId }),
  });
  try {
    return await requestToken({
      service: "Azure's metadata server",
      url: `${metadataAddress.replace(/\/+$/, "")}/metadata/identity/oauth2/token?${query}`,
      headers: { metadata: "true" },
      timeoutMs: METADATA_TIMEOUT_MS,
      clock,
      signal,
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new AccessDeniedError(
      "no credentials for Azure storage were found: set AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or read public containers with --azure-anonymous",
      { cause },
    );
  }
}
