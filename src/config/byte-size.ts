const UNITS: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

export const BYTE_SIZE_HINT = "a size is needed, such as 268435456, 256m or 2g";

/** Bytes: a bare number, or one with k, m or g behind it, in powers of 1024 (`256m`, `256MiB`, `2g`). Undefined for others. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d{1,12})\s*(?:(k|m|g)(?:i?b)?|b)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const bytes = Number(match[1]) * (UNITS[(match[2] ?? "").toLowerCase()] ?? 1);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
