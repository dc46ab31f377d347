import { TableError } from "../../model/index.ts";
import type { HttpOrigin } from "../http/transport.ts";

/** Where a file of a web server is, as a request says it. */
export interface WebLocation {
  readonly origin: HttpOrigin;
  readonly host: string;
  /** Path, and the query where a server redirected to one. */
  readonly target: string;
}

/**
 * An address as it was written: escapes stay as they are, slashes stay where they are, and what no request line can hold (spaces,
 * letters beyond ASCII, `#`, a `%` that escapes nothing) is escaped. The address of a file stands in every record of it and in
 * messages, so one with a password or a signature is refused.
 */
export function parseWebPath(path: string): WebLocation {
  const match = /^(https?):\/\/([^/?#]*)([^?]*)(\?.*)?$/s.exec(path);
  const [, scheme = "", authority = "", rest = "", query] = match ?? [];
  if (authority.includes("@") || query !== undefined) {
    throw new TableError(
      `${scheme}://${authority.replace(/^.*@/s, "")}${rest}: an address with a user name or a query can't be read, since secrets in it would stand in every record`,
    );
  }
  const url = URL.canParse(`${scheme}://${authority}/`) ? new URL(`${scheme}://${authority}/`) : undefined;
  if (url === undefined) throw new TableError(`${path} names no host`);
  return { ...addressOf(url), target: escapePath(rest === "" ? "/" : rest) };
}

/** Where a server sends us; undefined for what must not be followed: another protocol, or plain text from a secure place. */
export function redirectTarget(header: string | undefined, from: WebLocation): WebLocation | undefined {
  const base = `${from.origin.protocol}//${from.host}${from.target}`;
  if (header === undefined || !URL.canParse(header, base)) return undefined;
  const url = new URL(header, base);
  if (url.protocol !== "https:" && (url.protocol !== "http:" || from.origin.protocol === "https:")) {
    return undefined;
  }
  return { ...addressOf(url), target: `${url.pathname}${url.search}` };
}

function addressOf(url: URL): Pick<WebLocation, "origin" | "host"> {
  return {
    origin: {
      protocol: url.protocol === "https:" ? "https:" : "http:",
      hostname: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? undefined : Number(url.port),
    },
    host: url.host,
  };
}

function escapePath(path: string): string {
  if (!path.isWellFormed()) throw new TableError(`${JSON.stringify(path)} is no valid Unicode`);
  return path.replace(/%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]+/g, (text) =>
    encodeURIComponent(text),
  );
}
