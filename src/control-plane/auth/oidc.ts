import type { Clock } from "../../model/index.ts";
import { type Call, GrpcStatusError } from "../grpc/index.ts";
import { type Claims, isSignedBy, type ParsedToken, parseToken } from "./jwt.ts";
import { discoveredKeys, type KeySet } from "./key-set.ts";
import { ALL_PERMISSIONS, type Authenticator, type Permission, WORKER_PERMISSIONS } from "./principal.ts";

/**
 * Mode `oidc` of 02 §1.2: signed tokens of one issuer. The session header wins over the authorization header; which of the two
 * a refusal speaks of is part of its text.
 */
export interface OidcOptions {
  readonly issuer: string;
  /** Undefined: not checked. */
  readonly audience?: string | undefined;
  /** `floecat.interceptor.session.header` and `….authorization.header`; neither has a default at the peer. */
  readonly sessionHeader?: string | undefined;
  readonly authorizationHeader?: string | undefined;
  /** Claim of the account, `account_id` by default. */
  readonly accountClaim?: string;
  /** Claim of the roles, `roles` by default, else `realm_access.roles`. */
  readonly rolesClaim?: string;
  /** Roles that may do everything; the contract names only the worker's (UNKNOWN). */
  readonly adminRoles?: ReadonlySet<string>;
  /** Undefined: `floecat.interceptor.validate.account=false`. */
  readonly accounts?: ReadonlySet<string> | undefined;
  readonly clock: Clock;
  readonly keys?: KeySet;
}

const WORKER_ROLE = "reconcile-worker";
const DEFAULT_ADMIN_ROLES: ReadonlySet<string> = new Set(["administrator"]);

export function oidcAuthenticator(options: OidcOptions): Authenticator {
  const keys = options.keys ?? discoveredKeys(options.issuer, options.clock);
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
    return { accountId, subject, permissions: permissionsOf(rolesOf(claims, options), options) };
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
  if (options.audience !== undefined && !audiences(claims.aud).includes(options.audience)) return false;
  const candidates = await keys.candidates(token.header.kid).catch(() => {
    // Not the caller's fault, so not UNAUTHENTICATED: another try may find the provider again.
    throw new GrpcStatusError("UNAVAILABLE", "the identity provider can't be asked for its keys");
  });
  return candidates.some((key) => isSignedBy(token, key));
}

function audiences(claim: unknown): readonly unknown[] {
  return Array.isArray(claim) ? claim : [claim];
}

/** A string, a number, or the first string of a list. */
function accountOf(claim: unknown): string {
  if (typeof claim === "number") return String(claim);
  const found = Array.isArray(claim) ? claim.find((item) => typeof item === "string") : claim;
  return textClaim(found);
}

function textClaim(claim: unknown): string {
  return typeof claim === "string" ? claim.trim() : "";
}

function rolesOf(claims: Claims, options: OidcOptions): Set<string> {
  const own = claims[options.rolesClaim ?? "roles"];
  const realm = claims.realm_access;
  const nested = typeof realm === "object" && realm !== null ? Reflect.get(realm, "roles") : undefined;
  const roles = Array.isArray(own) ? own : Array.isArray(nested) ? nested : [];
  return new Set(roles.filter((role) => typeof role === "string").map((role) => role.trim().toLowerCase()));
}

function permissionsOf(roles: ReadonlySet<string>, options: OidcOptions): ReadonlySet<Permission> {
  const admins = options.adminRoles ?? DEFAULT_ADMIN_ROLES;
  if ([...roles].some((role) => admins.has(role))) return ALL_PERMISSIONS;
  return roles.has(WORKER_ROLE) ? WORKER_PERMISSIONS : new Set();
}
