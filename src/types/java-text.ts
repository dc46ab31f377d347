/**
 * Character rules of the peer's platform, which JavaScript's own `trim` and `Number` do not share (07 Conventions): what
 * "trim" strips, what counts as blank, and which texts are numbers (05 §9.1).
 */

/** Strips characters up to U+0020 at both ends, and nothing else (07 Conventions). */
export function javaTrim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** True for a text that is empty or holds only white space in the sense of 07 Conventions. */
export function isJavaBlank(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (!isJavaWhitespace(text.charCodeAt(i))) return false;
  }
  return true;
}

/** Not white space here, although JavaScript trims them: U+00A0, U+2007, U+202F, U+FEFF. */
function isJavaWhitespace(unit: number): boolean {
  if (unit <= 0x20) return unit >= 0x1c || (unit >= 0x09 && unit <= 0x0d);
  if (unit < 0x1680) return false;
  return (
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a && unit !== 0x2007) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

const DECIMAL_FLOAT = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)$/;
const HEX_FLOAT = /^[+-]?0[xX](?:[\da-fA-F]+\.?|[\da-fA-F]*\.[\da-fA-F]+)[pP][+-]?\d+[fFdD]?$/;

/**
 * True if the peer's `Double.parseDouble` accepts the text (05 §9.1): such a partition value is written bare into the
 * partition JSON, the text unchanged, even where it is not a JSON number.
 */
export function javaNumberSyntax(text: string): boolean {
  const trimmed = javaTrim(text);
  return DECIMAL_FLOAT.test(trimmed) || HEX_FLOAT.test(trimmed);
}
