export { type OidcTokenSettings, oidcTokens } from "./oidc-tokens.ts";
export { TokenError } from "./token-error.ts";
