import { LogicalValueError } from "./errors.ts";

/** Text forms of byte values: base64, `0x` hex, and the 8-4-4-4-12 form of UUIDs (07 §2, §3.1, §3.4). */

export function base64Text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Standard alphabet, padding optional. */
export function parseBase64(text: string): Uint8Array {
  if (!BASE64.test(text)) throw new LogicalValueError(`Invalid base64 BINARY value: ${text.slice(0, 100)}`);
  return Uint8Array.from(Buffer.from(text, "base64"));
}

/** What a BINARY column accepts as text: `0x` hex, else base64 (07 §2). */
export function parseBinaryText(text: string): Uint8Array {
  if (!/^0[xX]/.test(text)) return parseBase64(text);
  const hex = text.slice(2);
  if (hex.length % 2 !== 0) {
    throw new LogicalValueError(`Invalid hex BINARY value (odd length): ${text.slice(0, 100)}`);
  }
  if (!/^[0-9a-fA-F]*$/.test(hex)) {
    throw new LogicalValueError(`Invalid hex BINARY value: ${text.slice(0, 100)}`);
  }
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const UUID = /^([0-9a-f]{1,8})-([0-9a-f]{1,4})-([0-9a-f]{1,4})-([0-9a-f]{1,4})-([0-9a-f]{1,12})$/i;

/** Groups may be shorter than in the canonical form, as the peer's platform accepts them. */
export function parseUuidText(text: string): Uint8Array {
  const match = UUID.exec(text);
  if (match === null) throw new LogicalValueError(`Invalid UUID string: ${text.slice(0, 100)}`);
  const hex = [8, 4, 4, 4, 12].map((width, i) => (match[i + 1] ?? "").padStart(width, "0")).join("");
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
