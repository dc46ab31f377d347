export { developmentAuthenticator } from "./development.ts";
export { type OidcOptions, oidcAuthenticator } from "./oidc.ts";
export type { Authenticator, Permission, Principal } from "./principal.ts";
export { ALL_PERMISSIONS, WORKER_PERMISSIONS } from "./principal.ts";
