import type { ProxySettings } from "./proxy.ts";

export interface HttpSettings {
  /** PEM text of authorities that are trusted beside Node's and the system's roots. */
  readonly ca?: string | undefined;
  readonly proxy?: ProxySettings | undefined;
}
