import { TableError } from "../../../model/index.ts";

/**
 * A relative or absolute URI reference by RFC 2396 as the reference's parser takes it (05 §5): non-ASCII letters may stand
 * unescaped; spaces, brackets, a bare `%` and a colon in the first segment may not. Components stay escaped.
 */
export interface UriReference {
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  readonly path: string;
  readonly fragment: string | undefined;
}

const UNRESERVED = "A-Za-z0-9\\-_.!~*'()";
const LEGAL = {
  path: new RegExp(`[${UNRESERVED}:@&=+$,;/]`),
  authority: new RegExp(`[${UNRESERVED}$,;:@&=+]`),
  query: new RegExp(`[${UNRESERVED};/?:@&=+$,[\\]]`),
  fragment: new RegExp(`[${UNRESERVED};/?:@&=+$,[\\]]`),
} as const;
const ESCAPE = /%[0-9A-Fa-f]{2}/y;
const SPACE_OR_CONTROL = /[\p{Zs}\p{Zl}\p{Zp}\u0080-\u009f]/u;

export function parseUriReference(text: string): UriReference {
  const schemeEnd = text.search(/[:/?#]/);
  let scheme: string | undefined;
  let at = 0;
  if (schemeEnd >= 0 && text[schemeEnd] === ":") {
    scheme = checkedScheme(text, schemeEnd);
    at = schemeEnd + 1;
    if (text[at] !== "/") throw syntaxError("Relative path in absolute URI", text, at);
  }
  let authority: string | undefined;
  if (text.startsWith("//", at)) {
    const end = endOf(text, at + 2, /[/?#]/);
    checkCharacters(text, at + 2, end, "authority");
    if (end > at + 2) authority = text.slice(at + 2, end);
    else if (end === text.length) throw syntaxError("Expected authority", text, end);
    at = end;
  }
  const pathEnd = endOf(text, at, /[?#]/);
  checkCharacters(text, at, pathEnd, "path");
  const path = text.slice(at, pathEnd);
  at = pathEnd;
  if (text[at] === "?") {
    const end = endOf(text, at + 1, /#/);
    checkCharacters(text, at + 1, end, "query");
    at = end;
  }
  if (text[at] !== "#") return { scheme, authority, path, fragment: undefined };
  checkCharacters(text, at + 1, text.length, "fragment");
  return { scheme, authority, path, fragment: text.slice(at + 1) };
}

/** Escapes read as UTF-8, malformed sequences as U+FFFD; `+` is no space. */
export function percentDecode(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    const bytes = Uint8Array.from(run.slice(1).split("%"), (hex) => Number.parseInt(hex, 16));
    return utf8.decode(bytes);
  });
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

function checkedScheme(text: string, end: number): string {
  if (end === 0) throw syntaxError("Expected scheme name", text, 0);
  for (let i = 0; i < end; i++) {
    if (!(i === 0 ? /[A-Za-z]/ : /[A-Za-z0-9+.-]/).test(text.charAt(i))) {
      throw syntaxError("Illegal character in scheme name", text, i);
    }
  }
  return text.slice(0, end);
}

function checkCharacters(text: string, start: number, end: number, part: keyof typeof LEGAL): void {
  for (let i = start; i < end; i++) {
    const character = text.charAt(i);
    if (character === "%") {
      ESCAPE.lastIndex = i;
      if (!ESCAPE.test(text) || i + 3 > end) throw syntaxError("Malformed escape pair", text, i);
      i += 2;
    } else if (
      character.charCodeAt(0) < 0x80 ? !LEGAL[part].test(character) : SPACE_OR_CONTROL.test(character)
    ) {
      throw syntaxError(`Illegal character in ${part}`, text, i);
    }
  }
}

function endOf(text: string, start: number, stop: RegExp): number {
  const length = text.slice(start).search(stop);
  return length < 0 ? text.length : start + length;
}

function syntaxError(what: string, text: string, index: number): TableError {
  return new TableError(`${what} at index ${index}: ${text}`, { referenceType: "URISyntaxException" });
}
