/**
 * Who may ask: a page in the reader's browser must not reach us through a name that it controls (DNS rebinding), and an address
 * that others can reach asks for a token.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";

/** `127.0.0.0/8`, `::1` and `localhost`. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}

/**
 * Whether a Host header names us. An address as a name can't be rebound; `localhost` resolves to this machine; any other name
 * has to be one that was allowed.
 */
export function isOwnHost(header: string | undefined, allowed: readonly string[]): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header ?? "");
  const name = match?.[1]?.replace(/^\[|\]$/g, "").toLowerCase();
  if (name === undefined) return false;
  return name === "localhost" || isIP(name) !== 0 || allowed.some((each) => each.toLowerCase() === name);
}

/** Compares digests, so that the time tells nothing of the token. */
export function isToken(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false;
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** `Bearer …`, or the password of Basic, which is what a browser asks its reader for. */
export function tokenOf(authorization: string | undefined): string | undefined {
  const bearer = /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^basic +([A-Za-z0-9+/=]{1,4096})$/i.exec(authorization ?? "")?.[1];
  if (basic === undefined) return undefined;
  const text = Buffer.from(basic, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : text.slice(colon + 1);
}
