import { isUtf8 } from "node:buffer";

/**
 * UTF-8 as the peer's platform decodes and encodes it. It differs from the WHATWG decoder for encoded surrogates (07 §6.3) and
 * from the WHATWG encoder for lone surrogates (07 §5.3).
 */

/**
 * Text of `bytes[start, end)`; malformed sequences become U+FFFD, a byte order mark is kept (07 §6.3). An encoded surrogate
 * (`ED` followed by `A0..BF`) gives one U+FFFD together with one continuation byte directly after it.
 */
export function decodeUtf8Java(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  if (isUtf8(view)) return view.toString("utf8");
  // ED is never a continuation byte, so each one starts a sequence of its own and the text can be cut there.
  let text = "";
  let from = 0;
  for (let i = 0; i + 1 < view.length; i++) {
    if (view[i] !== 0xed || !isBetween(view[i + 1], 0xa0, 0xbf)) continue;
    text += `${view.toString("utf8", from, i)}\ufffd`;
    from = i + (isBetween(view[i + 2], 0x80, 0xbf) ? 3 : 2);
    i = from - 1;
  }
  return text + view.toString("utf8", from);
}

function isBetween(byte: number | undefined, low: number, high: number): boolean {
  return byte !== undefined && byte >= low && byte <= high;
}

/** UTF-8 of the text, a lone surrogate in its three-byte form instead of U+FFFD (07 §5.3). */
export function encodeUtf8WithSurrogates(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  const out: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) {
      out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    } else {
      out.push(...Buffer.from(char, "utf8"));
    }
  }
  return Uint8Array.from(out);
}

/** Order of the peer's strings: by UTF-16 code unit (07 §4.1). */
export function compareUtf16(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
