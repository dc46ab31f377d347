/**
 * Values as text, as files and environment variables hold them. Sources know only text, so that a number means the same
 * wherever it is written.
 */
import { z } from "zod";
import { BYTE_SIZE_HINT, parseByteSize } from "../byte-size.ts";

export function text(): z.ZodType<string, string> {
  return z.string().transform((value) => value.trim());
}

/** Texts separated by commas; what is blank doesn't count. */
export function textList(): z.ZodType<readonly string[], string> {
  return z.string().transform((value) =>
    value
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  );
}

/** A header's name, or nothing. */
export function headerName(): z.ZodType<string, string> {
  return z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]*$/, "a header name is needed");
}

/** A TCP port to connect to. */
export function portNumber(): z.ZodType<number, string> {
  return wholeNumber(1).refine((value) => value <= 65_535, "at most 65535 is possible");
}

/** A whole number; what lies below `least` counts as `least`, as the reference clamps it (03 §2). */
export function clampedNumber(least: number): z.ZodType<number, string> {
  return anyWholeNumber().transform((value) => Math.max(least, value));
}

/** A whole number that is refused below `least`. */
export function wholeNumber(least: number): z.ZodType<number, string> {
  return anyWholeNumber().refine((value) => value >= least, `at least ${least} is needed`);
}

function anyWholeNumber() {
  return z
    .string()
    .trim()
    .regex(/^[+-]?\d{1,15}$/, "a whole number is needed")
    .transform(Number);
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["y", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["n", false],
  ["off", false],
]);

export function flag(): z.ZodType<boolean, string> {
  return z.string().transform((value, context) => {
    const parsed = BOOLEANS.get(value.trim().toLowerCase());
    if (parsed !== undefined) return parsed;
    context.addIssue("true or false is needed");
    return z.NEVER;
  });
}

/** Bytes, as `parseByteSize` reads them. */
export function byteSize(): z.ZodType<number, string> {
  return z.string().transform((value, context) => {
    const bytes = parseByteSize(value);
    if (bytes !== undefined) return bytes;
    context.addIssue(BYTE_SIZE_HINT);
    return z.NEVER;
  });
}

/** One of some words, in any case. */
export function oneOf<const Word extends string>(words: readonly Word[]): z.ZodType<Word, string> {
  return z.string().transform((value, context) => {
    const wanted = value.trim().toLowerCase();
    const found = words.find((word) => word.toLowerCase() === wanted);
    if (found !== undefined) return found;
    context.addIssue(`one of ${words.join(", ")} is needed`);
    return z.NEVER;
  });
}

/** An address without user name and password: it is shown in messages. */
export function httpUrl(): z.ZodType<string, string> {
  return z
    .string()
    .trim()
    .refine(isHttpUrl, "an http:// or https:// URL without user name and password is needed");
}

function isHttpUrl(value: string): boolean {
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username === "" && password === "";
}

/** `host:port`, `http://…` or `https://…`; with user name and password, if the proxy asks for them. */
export function proxyAddress(): z.ZodType<string, string> {
  return z
    .string()
    .trim()
    .transform((value) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`))
    .refine(
      (value) => /^https?:/i.test(value) && URL.canParse(value),
      "an http:// or https:// URL is needed",
    );
}

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** `host:port`; an IPv6 host stands in brackets. */
export function socketAddress(): z.ZodType<SocketAddress, string> {
  return z.string().transform((value, context) => {
    const match = /^(\[[0-9a-fA-F:.]+\]|[^:\s]+):(\d{1,5})$/.exec(value.trim());
    const port = Number(match?.[2]);
    if (match?.[1] !== undefined && port <= 65_535) return { host: match[1].replace(/^\[|\]$/g, ""), port };
    context.addIssue("host:port is needed, such as 127.0.0.1:9100");
    return z.NEVER;
  });
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds. A bare number is seconds; `250ms`, `10s`, `5m`, `1h`, `1d`; ISO 8601, such as `PT10S` (08 §1.1). */
export function duration(): z.ZodType<number, string> {
  return z.string().transform((value, context) => {
    const ms = durationMs(value.trim());
    if (ms !== undefined) return ms;
    context.addIssue("a duration is needed, such as 10, 500ms, 10s, 5m or PT10S");
    return z.NEVER;
  });
}

function durationMs(value: string): number | undefined {
  const simple = /^(\d{1,12})(ms|s|m|h|d)?$/i.exec(value);
  if (simple !== null) return Number(simple[1]) * (UNIT_MS[(simple[2] ?? "s").toLowerCase()] ?? Number.NaN);
  const iso =
    /^P(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$/i.exec(value);
  if (iso === null || value.length < 3) return undefined;
  const [days, hours, minutes, seconds] = iso.slice(1).map((part) => Number(part ?? 0));
  return Math.round(
    (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60_000 + (seconds ?? 0) * 1000,
  );
}
