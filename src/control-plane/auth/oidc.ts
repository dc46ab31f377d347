import { type HttpClient, openHttp } from "../../http/index.ts";
import type { Clock } from "../../model/index.ts";
import { type Call, GrpcStatusError } from "../grpc/index.ts";
import { type Claims, isSignedBy, type ParsedToken, parseToken } from "./jwt.ts";
import { discoveredKeys, type KeySet } from "./key-set.ts";
import {
  type Authenticator,
  OPERATOR_PERMISSIONS,
  type Permission,
  WORKER_PERMISSIONS,
} from "./principal.ts";

/**
 * Mode `oidc` of 02 §1.2: signed tokens of one issuer. The session header wins over the authorization header; which of the two
 * a refusal speaks of is part of its text.
 */
export interface OidcOptions {
  readonly issuer: string;
  /** One of them is enough; undefined: not checked. */
  readonly audience?: string | readonly string[] | undefined;
  /** `floecat.interceptor.session.header` and `….authorization.header`; neither has a default at the peer. */
  readonly sessionHeader?: string | undefined;
  readonly authorizationHeader?: string | undefined;
  /** Claim of the account, `account_id` by default. */
  readonly accountClaim?: string;
  /** Claim of the roles, `roles` by default, else `realm_access.roles`. */
  readonly rolesClaim?: string;
  /** Undefined: `floecat.interceptor.validate.account=false`. */
  readonly accounts?: ReadonlySet<string> | undefined;
  readonly clock: Clock;
  readonly keys?: KeySet;
  /** How the issuer is asked for its keys; directly and with the system's trust by default. */
  readonly http?: HttpClient;
}

/** 08 §1.8. What else the operators' roles grant is UNKNOWN and asked for nowhere here; the calls of workers it is not. */
const ROLES: ReadonlyMap<string, ReadonlySet<Permission>> = new Map([
  ["reconcile-worker", WORKER_PERMISSIONS],
  ["administrator", OPERATOR_PERMISSIONS],
  ["developer", OPERATOR_PERMISSIONS],
  ["platform-admin", OPERATOR_PERMISSIONS],
]);

export function oidcAuthenticator(options: OidcOptions): Authenticator {
  const keys = options.keys ?? discoveredKeys(options.issuer, options.clock, options.http ?? openHttp());
  return async (call) => {
    const { token, source } = tokenOf(call, options);
    const parsed = parseToken(token);
    if (parsed === undefined || !(await isValid(parsed, options, keys))) {
      throw unauthenticated(`invalid ${source} token`);
    }
    const { claims } = parsed;
    const subject = textClaim(claims.sub);
    if (subject === "") throw unauthenticated("missing subject");
    const accountId = accountOf(claims[options.accountClaim ?? "account_id"]);
    if (accountId === "") throw unauthenticated("missing account_id claim");
    if (options.accounts !== undefined && !options.accounts.has(accountId)) {
      throw unauthenticated(`invalid or unknown account: ${accountId}`);
    }
    return { accountId, subject, permissions: permissionsOf(rolesOf(claims, options)) };
  };
}

function unauthenticated(text: string): GrpcStatusError {
  return new GrpcStatusError("UNAUTHENTICATED", text);
}

function tokenOf(call: Call, options: OidcOptions): { token: string; source: "session" | "authorization" } {
  const headers = [
    ["session", options.sessionHeader],
    ["authorization", options.authorizationHeader],
  ] as const;
  for (const [source, name] of headers) {
    const value = name === undefined ? undefined : call.header(name.toLowerCase());
    if (value === undefined) continue;
    const token = value.trim().replace(/^bearer\s+/i, "");
    if (token === "" || /^bearer$/i.test(token)) throw unauthenticated(`missing ${source} token`);
    return { token, source };
  }
  throw unauthenticated("missing session or authorization token");
}

async function isValid(token: ParsedToken, options: OidcOptions, keys: KeySet): Promise<boolean> {
  const { claims } = token;
  const nowSeconds = options.clock.nowMs() / 1000;
  if (claims.iss !== options.issuer) return false;
  if (typeof claims.exp !== "number" || claims.exp <= nowSeconds) return false;
  if (claims.nbf !== undefined && (typeof claims.nbf !== "number" || claims.nbf > nowSeconds)) return false;
  if (options.audience !== undefined && !isFor(claims.aud, options.audience)) return false;
  const candidates = await keys.candidates(token.header.kid).catch(() => {
    // Not the caller's fault, so not UNAUTHENTICATED: another try may find the provider again.
    throw new GrpcStatusError("UNAVAILABLE", "the identity provider can't be asked for its keys");
  });
  return candidates.some((key) => isSignedBy(token, key));
}

function isFor(claim: unknown, audience: string | readonly string[]): boolean {
  const wanted = new Set<unknown>([audience].flat());
  return [claim].flat().some((named) => wanted.has(named));
}

/** A string, a number, or the first string of a list that isn't blank. */
function accountOf(claim: unknown): string {
  if (typeof claim === "number") return String(claim);
  return Array.isArray(claim) ? (claim.map(textClaim).find((text) => text !== "") ?? "") : textClaim(claim);
}

function textClaim(claim: unknown): string {
  return typeof claim === "string" ? claim.trim() : "";
}

function rolesOf(claims: Claims, options: OidcOptions): string[] {
  const own = roleNames(claims[options.rolesClaim ?? "roles"]);
  return own.length > 0 ? own : roleNames(claims.realm_access);
}

/** A string, a JSON list in a string, a list, or an object that has `roles` (08 §1.8). */
function roleNames(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.map((name) => textClaim(name).toLowerCase());
  if (typeof claim === "object" && claim !== null) return roleNames(Reflect.get(claim, "roles"));
  const text = textClaim(claim);
  return text.startsWith("[") ? roleNames(parsedJson(text)) : text === "" ? [] : [text.toLowerCase()];
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function permissionsOf(roles: readonly string[]): ReadonlySet<Permission> {
  return new Set(roles.flatMap((role) => [...(ROLES.get(role) ?? [])]));
}
