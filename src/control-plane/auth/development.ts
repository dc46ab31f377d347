import { ALL_PERMISSIONS, type Authenticator, type Permission } from "./principal.ts";

/**
 * Development mode (02 §1.2): whoever calls may do everything, in the account that `x-floe-account` names, or else in the
 * default one. There is one account here, so a name is taken for an id.
 */
export function developmentAuthenticator(options: {
  readonly accountId: string;
  readonly accountHeader: string;
  /** Fewer permissions than all, for tests. */
  readonly permissions?: ReadonlySet<Permission>;
}): Authenticator {
  const permissions = options.permissions ?? ALL_PERMISSIONS;
  return async (call) => {
    const named = call.header(options.accountHeader)?.trim() ?? "";
    return { accountId: named === "" ? options.accountId : named, subject: "dev-user", permissions };
  };
}

/** Nobody is asked for anything: every call is of the default account and may do everything, whatever its headers say. */
export function openAuthenticator(accountId: string): Authenticator {
  return async () => ({ accountId, subject: "anonymous", permissions: ALL_PERMISSIONS });
}
