/** The door of HTTP: one client for whoever asks an identity provider, a catalog or a store over it. */
export { type HttpClient, type HttpRequest, openHttp } from "./client.ts";
export { HttpError } from "./error.ts";
export { type ProxySettings, proxyUrl } from "./proxy.ts";
export { trustedRoots } from "./roots.ts";
export type { HttpSettings } from "./settings.ts";
