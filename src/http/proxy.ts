/**
 * Which requests go through a proxy (08 §9): as the common variables `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say it to other programs.
 * Addresses of this machine never do: a proxy would reach its own instead.
 */
import { BlockList, isIP } from "node:net";

export interface ProxySettings {
  /** Proxy for `http:` addresses, such as `http://proxy:3128`; it may carry user name and password. */
  readonly http?: string | undefined;
  /** Proxy for `https:` addresses. */
  readonly https?: string | undefined;
  /**
   * What is reached without one, by commas or spaces: `example.org` and `.example.org` (both with what is below), `host:port`,
   * an IP address, a range such as `10.0.0.0/8`, or `*` for everything.
   */
  readonly none?: string | undefined;
}

/** The proxy that a request to `target` goes through; undefined: none. */
export function proxyFor(target: URL, settings: ProxySettings): URL | undefined {
  const proxy = target.protocol === "https:" ? settings.https : settings.http;
  if (proxy === undefined || isLoopback(hostOf(target)) || isExcepted(target, settings.none ?? "")) {
    return undefined;
  }
  return proxyUrl(proxy);
}

/** `proxy:3128` is `http://proxy:3128`. Undefined: no address of an HTTP proxy. */
export function proxyUrl(text: string): URL | undefined {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url?.protocol === "http:" || url?.protocol === "https:" ? url : undefined;
}

function isExcepted(target: URL, none: string): boolean {
  return none
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => matches(entry.toLowerCase(), target));
}

function matches(entry: string, target: URL): boolean {
  if (entry === "*") return true;
  const host = hostOf(target);
  const range = /^(.+)\/(\d{1,3})$/.exec(entry);
  if (range !== null) return isInRange(host, withoutBrackets(range[1] ?? ""), Number(range[2]));
  if (isIP(entry) !== 0) return entry === host;
  const [, name = "", port] = /^(.*?)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  if (port !== undefined && port !== portOf(target)) return false;
  const domain = withoutBrackets(name).replace(/^\*?\./, "");
  return domain !== "" && (host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`)));
}

function isInRange(host: string, network: string, prefixBits: number): boolean {
  const version = isIP(network);
  if (version === 0 || isIP(host) !== version || prefixBits > (version === 4 ? 32 : 128)) return false;
  const family = version === 4 ? "ipv4" : "ipv6";
  const range = new BlockList();
  range.addSubnet(network, prefixBits, family);
  return range.check(host, family);
}

function isLoopback(host: string): boolean {
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    isInRange(host, "127.0.0.0", 8) ||
    isInRange(host, "::1", 128)
  );
}

function hostOf(target: URL): string {
  return withoutBrackets(target.hostname.toLowerCase()).replace(/\.$/, "");
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

function portOf(target: URL): string {
  if (target.port !== "") return target.port;
  return target.protocol === "https:" ? "443" : "80";
}
