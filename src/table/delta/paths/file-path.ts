import { TableError } from "../../../model/index.ts";
import { parseUriReference, percentDecode } from "./java-uri.ts";
import { collapseSlashes, type TableRoot } from "./table-root.ts";

/**
 * The absolute path of a file action: the string that plans and records use (05 §5). `add.path` is a URI reference, resolved
 * against the root and percent-decoded once; the rest of the result is literal.
 */
export function absoluteFilePath(root: TableRoot, addPath: string): string {
  // Nearly every path: nothing to decode, nothing to resolve.
  if (PLAIN_PATH.test(addPath)) return `${root.text}/${addPath}`;
  if (addPath === "") throw new TableError(`${root.text}: a file action of the Delta log has an empty path`);
  const uri = parseUriReference(addPath);
  const replacesRoot = uri.scheme !== undefined || uri.authority !== undefined;
  const scheme = uri.scheme ?? root.scheme;
  const authority = replacesRoot ? percentDecode(uri.authority ?? "") : root.authority;
  const base = replacesRoot || uri.path.startsWith("/") ? [] : root.path.split("/").filter(isName);
  const path = resolve(base, uri.path);
  const fragment = uri.fragment === undefined ? "" : `#${percentDecode(uri.fragment)}`;
  return `${scheme}://${authority}${path}${fragment}`;
}

/** Names of legal characters without escapes, none of them a dot segment or empty; no scheme, query or fragment. */
const PLAIN_PATH = /^(?!.*(?:^|\/)\.{0,2}(?:\/|$))[A-Za-z0-9\-_.!~*'()@&=+$,;/]+$/;

/** Dot segments are resolved before the escapes are read, and once more in what they decode to. */
function resolve(base: readonly string[], escapedPath: string): string {
  const segments = base.map((literal) => ({ escaped: literal, text: literal }));
  for (const escaped of escapedPath.split("/")) {
    pushSegment(segments, { escaped, text: percentDecode(escaped) });
  }
  const decoded: { escaped: string; text: string }[] = [];
  for (const text of segments
    .map((segment) => segment.text)
    .join("/")
    .split("/")) {
    pushSegment(decoded, { escaped: text, text });
  }
  return collapseSlashes(`/${decoded.map((segment) => segment.text).join("/")}`);
}

/** `..` with nothing left to leave stays, as Java's normalisation has it. */
function pushSegment(
  segments: { escaped: string; text: string }[],
  segment: { escaped: string; text: string },
): void {
  if (segment.escaped === "" || segment.escaped === ".") return;
  const last = segments.at(-1);
  if (segment.escaped === ".." && last !== undefined && last.escaped !== "..") segments.pop();
  else segments.push(segment);
}

function isName(segment: string): boolean {
  return segment !== "";
}

/**
 * What makes two file actions the same one (05 §4.4): the path compared as a URI, in which the case of escapes, scheme and
 * host doesn't count, and the identity of the deletion vector.
 */
export function fileActionKey(path: string, deletionVectorId: string | undefined): string {
  const folded = path
    .replace(/%[0-9A-Fa-f]{2}/g, (digits) => digits.toUpperCase())
    .replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/, (origin) => origin.toLowerCase());
  return deletionVectorId === undefined ? folded : `${folded}\n${deletionVectorId}`;
}
