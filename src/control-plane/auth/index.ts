export { developmentAuthenticator, openAuthenticator } from "./development.ts";
export { type OidcOptions, oidcAuthenticator } from "./oidc.ts";
export type { Authenticator, Permission, Principal } from "./principal.ts";
export { ALL_PERMISSIONS, OPERATOR_PERMISSIONS, WORKER_PERMISSIONS } from "./principal.ts";
