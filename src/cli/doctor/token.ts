import { z } from "zod";
import type { TokenSource } from "../../protocol/index.ts";
import { formatDuration } from "../terminal/format.ts";
import { type Finding, failed, ok, reasonOf, warning } from "./check.ts";

/** What a control plane reads of a token (08 §1.8). */
const claims = z.looseObject({
  iss: z.string().optional(),
  exp: z.number().optional(),
  iat: z.number().optional(),
  roles: z.unknown().optional(),
  account_id: z.unknown().optional(),
  realm_access: z.looseObject({ roles: z.array(z.string()) }).optional(),
});
export type Claims = z.infer<typeof claims>;

const WORKER_ROLE = "reconcile-worker";
const MOST_SKEW_MS = 30_000;

export interface TokenFinding {
  readonly token: Finding;
  /** Undefined without a token whose claims can be read. */
  readonly clock: Finding | undefined;
}

/** Asks for a token as the lease call does, and reads what it claims; its signature is the control plane's business. */
export async function checkToken(
  tokens: TokenSource | undefined,
  nowMs: number,
  signal: AbortSignal,
): Promise<TokenFinding> {
  let authorization: string | undefined;
  try {
    authorization = await tokens?.authorization("", signal);
  } catch (error) {
    return {
      token: failed(
        `no token: ${reasonOf(error)}`,
        "check floecat.reconciler.oidc.issuer, client-id and client-secret, and that the provider can be reached from here",
      ),
      clock: undefined,
    };
  }
  if (authorization === undefined) {
    return {
      token: warning(
        "none is sent: no identity provider is set",
        "fine for a control plane in dev mode; else set floecat.reconciler.oidc.*",
      ),
      clock: undefined,
    };
  }
  const read = readClaims(authorization);
  if (read === undefined) {
    return {
      token: ok("got one that is no JWT: the control plane knows what it is worth"),
      clock: undefined,
    };
  }
  return { token: judgeClaims(read, nowMs), clock: judgeClock(read, nowMs) };
}

export function readClaims(authorization: string): Claims | undefined {
  const [, payload] = authorization.replace(/^bearer /i, "").split(".");
  if (payload === undefined) return undefined;
  try {
    const parsed = claims.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString("utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export function judgeClaims(read: Claims, nowMs: number): Finding {
  const roles = rolesOf(read);
  const endsInMs = read.exp === undefined ? undefined : read.exp * 1000 - nowMs;
  const found = [
    `issued by ${read.iss ?? "nobody named"}`,
    endsInMs === undefined ? "without end" : endsInMs > 0 ? `good for ${formatDuration(endsInMs)}` : "ended",
    `roles ${roles.length === 0 ? "none" : roles.join(", ")}`,
    `account ${accountOf(read) ?? "none"}`,
  ].join(", ");
  if (endsInMs !== undefined && endsInMs <= 0) {
    return failed(found, "get a new token, and check this machine's clock");
  }
  if (!roles.includes(WORKER_ROLE)) {
    return failed(found, `give the client the role ${WORKER_ROLE} (administrator is not enough)`);
  }
  return accountOf(read) === undefined
    ? warning(
        found,
        "map the client's account into the claim account_id, unless the server's floecat.interceptor.validate.account is false",
      )
    : ok(found);
}

/** A token just issued is as old as the two clocks are apart. */
export function judgeClock(read: Claims, nowMs: number): Finding | undefined {
  if (read.iat === undefined) return undefined;
  const aheadMs = nowMs - read.iat * 1000;
  const limitMs = MOST_SKEW_MS;
  if (aheadMs < -limitMs) {
    return failed(
      `this machine's clock is ${formatDuration(-aheadMs)} behind the identity provider's`,
      "set the clock (NTP): leases, tokens and signed requests depend on it",
    );
  }
  const lifetimeMs = read.exp === undefined ? Number.POSITIVE_INFINITY : (read.exp - read.iat) * 1000;
  if (aheadMs > Math.min(lifetimeMs, Number.MAX_SAFE_INTEGER)) {
    return failed(
      `this machine's clock is ${formatDuration(aheadMs)} ahead of a token just issued`,
      "set the clock (NTP): leases, tokens and signed requests depend on it",
    );
  }
  return aheadMs > limitMs
    ? warning(
        `this machine's clock is ${formatDuration(aheadMs)} ahead of the identity provider's, or the token is that old`,
        "set the clock (NTP) if the token is new",
      )
    : ok(`within ${formatDuration(Math.max(1000, Math.abs(aheadMs)))} of the identity provider's`);
}

/** A string, a list as JSON text, a list, or an object with one; else Keycloak's realm roles (08 §1.8). */
function rolesOf({ roles, realm_access: realm }: Claims): readonly string[] {
  const found = listOf(roles);
  return (found.length > 0 ? found : listOf(realm?.roles)).map((role) => role.trim().toLowerCase());
}

function listOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.filter((role) => typeof role === "string");
  if (typeof value === "object" && value !== null && "roles" in value) return listOf(value.roles);
  if (typeof value !== "string" || value.trim() === "") return [];
  if (!value.trim().startsWith("[")) return [value];
  try {
    return listOf(JSON.parse(value));
  } catch {
    return [value];
  }
}

function accountOf({ account_id: account }: Claims): string | undefined {
  const first = Array.isArray(account)
    ? account.find((each) => typeof each === "string" && each.trim() !== "")
    : account;
  return typeof first === "string" && first.trim() !== ""
    ? first
    : typeof first === "number"
      ? String(first)
      : undefined;
}
