import { randomUUID } from "node:crypto";
import { badArgument, internal } from "../errors/index.ts";
import type { CredentialIssuers, GrantRequest, RoleRequest } from "./resolve-credentials.ts";

/** The exchanges of 08 §2.4 as a control plane makes them itself: a token endpoint over HTTP, and STS by the AWS SDK. */
export const credentialIssuers: CredentialIssuers = { grant, assumeRole, newId: randomUUID };

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_CHARS = 1 << 20;

async function grant({ endpoint, clientId, clientSecret, scope }: GrantRequest): Promise<string> {
  checkEndpoint(endpoint);
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
  });
  if (scope.trim() !== "") body.set("scope", scope);
  let answer: Response;
  try {
    answer = await fetch(endpoint, {
      method: "POST",
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw internal("Token exchange request failed");
  }
  if (!answer.ok) throw internal(`Token exchange failed: HTTP ${answer.status}`);
  const token = accessToken((await answer.text()).slice(0, MAX_ANSWER_CHARS));
  if (token === undefined) throw internal("No access_token in token exchange response");
  return token;
}

/** A secret goes out only over TLS, or to this machine. */
function checkEndpoint(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined) throw badArgument("Invalid token endpoint");
  const isLoopback = url.hostname === "localhost" || url.hostname === "[::1]" || /^127\./.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback)) {
    throw badArgument("Token endpoint must use HTTPS");
  }
}

function accessToken(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const token =
      typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "access_token") : undefined;
    return typeof token === "string" && token !== "" ? token : undefined;
  } catch {
    return undefined;
  }
}

/** Loads the AWS SDK. */
async function assumeRole(request: RoleRequest) {
  const { fromTemporaryCredentials, fromWebToken } = await import("@aws-sdk/credential-providers");
  const { roleArn, sessionName, externalId, durationSeconds, webIdentityToken, region } = request;
  const clientConfig = { region: region ?? "us-east-1" };
  const provider =
    webIdentityToken === undefined
      ? fromTemporaryCredentials({
          params: {
            RoleArn: roleArn,
            RoleSessionName: sessionName,
            ...(externalId !== "" && { ExternalId: externalId }),
            ...(durationSeconds > 0 && { DurationSeconds: durationSeconds }),
          },
          clientConfig,
        })
      : fromWebToken({
          roleArn,
          roleSessionName: sessionName,
          webIdentityToken,
          clientConfig,
          ...(durationSeconds > 0 && { durationSeconds }),
        });
  const {
    accessKeyId,
    secretAccessKey,
    sessionToken = "",
  } = await provider().catch(() => {
    throw internal("the connector's role could not be assumed");
  });
  return { accessKeyId, secretAccessKey, sessionToken };
}
