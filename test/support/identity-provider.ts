/**
 * A real identity provider (oidc-provider) over HTTP that mints JWT access tokens by client credentials, and a check of
 * such tokens against its published keys, as a control plane does it.
 */
import { createPublicKey, generateKeyPairSync, type JsonWebKey, verify } from "node:crypto";
import { createServer, type Server } from "node:http";
import Provider, { type Adapter, type JWK } from "oidc-provider";

export interface IdentityProvider {
  readonly issuer: string;
  /** Token requests that were answered with 200. */
  readonly issued: () => number;
  /** New signing keys; tokens signed with the old ones no longer verify. */
  rotateKeys(): void;
  /** Refuses connections, or takes them again on the same port. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Token requests wait for this. */
  holdTokens(until: Promise<void>): void;
  /** Undefined if the token is good, else why it isn't. */
  problemOf(
    token: string,
    expected: { readonly audience: string; readonly nowMs: number },
  ): Promise<string | undefined>;
}

export interface IdentityProviderOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
  /** Further claims of its tokens, such as account and roles. */
  readonly claims?: Readonly<Record<string, string | readonly string[]>>;
}

export async function startIdentityProvider(
  options: IdentityProviderOptions,
): Promise<IdentityProvider & AsyncDisposable> {
  let issued = 0;
  let held = Promise.resolve();
  let server: Server | undefined;
  const port = await listen(0);
  const issuer = `http://127.0.0.1:${port}`;
  let provider = makeProvider();

  function makeProvider(): Provider {
    const made = new Provider(issuer, {
      jwks: { keys: [signingKey()] },
      clients: [
        {
          client_id: options.clientId,
          client_secret: options.clientSecret,
          grant_types: ["client_credentials"],
          redirect_uris: [],
          response_types: [],
          token_endpoint_auth_method: "client_secret_post",
        },
      ],
      adapter: () => NOTHING_STORED,
      extraTokenClaims: () => ({ ...options.claims }),
      ttl: { ClientCredentials: options.lifetimeSeconds },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => `urn:${options.audience}`,
          getResourceServerInfo: () => ({
            scope: "",
            audience: options.audience,
            accessTokenFormat: "jwt",
            accessTokenTTL: options.lifetimeSeconds,
          }),
        },
      },
    });
    made.on("grant.success", () => {
      issued += 1;
    });
    return made;
  }

  async function listen(onPort: number): Promise<number> {
    const listening = createServer(async (request, response) => {
      if (request.method === "POST") await held;
      await provider.callback()(request, response);
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(onPort, "127.0.0.1", resolve));
    const address = listening.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return address.port;
  }

  async function down(): Promise<void> {
    const closing = server;
    server = undefined;
    if (closing === undefined) return;
    await new Promise((resolve) => {
      closing.close(resolve);
      closing.closeAllConnections();
    });
  }

  return {
    issuer,
    issued: () => issued,
    rotateKeys() {
      withdrawn.add(`key-${keys}`);
      provider = makeProvider();
    },
    down,
    async up() {
      await listen(port);
    },
    holdTokens(until) {
      held = until;
    },
    problemOf: (token, expected) => problemOf(token, { issuer, ...expected }),
    [Symbol.asyncDispose]: down,
  };
}

/** Tokens in JWT form are kept nowhere. */
const NOTHING_STORED: Adapter = {
  upsert: async () => {},
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: async () => {},
  destroy: async () => {},
  revokeByGrantId: async () => {},
};

let keys = 0;
const withdrawn = new Set<string>();

function signingKey(): JWK {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    ...privateKey.export({ format: "jwk" }),
    kty: "RSA",
    kid: `key-${++keys}`,
    use: "sig",
    alg: "RS256",
  };
}

const knownKeys = new Map<string, JsonWebKey>();

/** Kept once it was seen, as control planes do: they don't need the provider for each call. */
async function publishedKey(issuer: string, keyId: string): Promise<JsonWebKey | undefined> {
  const known = knownKeys.get(keyId);
  if (known !== undefined && !withdrawn.has(keyId)) return known;
  const { keys: published } = JSON.parse(await (await fetch(`${issuer}/jwks`)).text());
  for (const key of published) knownKeys.set(key.kid, key);
  return withdrawn.has(keyId) ? undefined : knownKeys.get(keyId);
}

async function problemOf(
  token: string,
  { issuer, audience, nowMs }: { issuer: string; audience: string; nowMs: number },
): Promise<string | undefined> {
  const [head = "", body = "", signature = ""] = token.split(".");
  const header = JSON.parse(Buffer.from(head, "base64url").toString());
  const jwk = await publishedKey(issuer, header.kid);
  if (jwk === undefined) return "signed with an unknown key";
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const signed = Buffer.from(`${head}.${body}`);
  if (!verify("RSA-SHA256", signed, key, Buffer.from(signature, "base64url"))) return "bad signature";
  const claims = JSON.parse(Buffer.from(body, "base64url").toString());
  if (claims.iss !== issuer) return `issued by ${claims.iss}`;
  if (claims.aud !== audience) return `meant for ${claims.aud}`;
  return nowMs >= claims.exp * 1000 ? "expired" : undefined;
}
