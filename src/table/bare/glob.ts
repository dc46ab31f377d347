/**
 * Glob patterns over the paths of a store: `*` and `?` within a path segment, `**` over any number of segments, `[a-z]`,
 * `[!a-z]` and `{a,b}`. A backslash takes the next character literally.
 */
export interface Glob {
  /** The folder in front of the first wildcard, ending in `/`: where listing begins. */
  readonly base: string;
  /**
   * What lies below the match if a file, or a folder above it, matches: `""` for the file itself; undefined if nothing does.
   */
  matchRest(path: string): string | undefined;
}

/** `undefined` if the text has no wildcard. */
export function parseGlob(text: string): Glob | undefined {
  const firstWildcard = text.search(/[*?[{]/);
  if (firstWildcard < 0) return undefined;
  const base = text.slice(0, text.lastIndexOf("/", firstWildcard) + 1);
  const pattern = new RegExp(`^${escapeLiteral(base)}${toRegExp(text.slice(base.length))}(?:/(.*))?$`, "su");
  return {
    base,
    matchRest(path) {
      const match = pattern.exec(path);
      return match === null ? undefined : (match[1] ?? "");
    },
  };
}

const TOKEN = /\*\*\/|\*\*|\*|\?|\[!?\]?[^\]]*\]|\\.|./gsu;

function toRegExp(glob: string): string {
  let depth = 0;
  return [...glob.matchAll(TOKEN)]
    .map(([token]) => {
      switch (token) {
        case "**/":
          return "(?:[^/]+/)*";
        case "**":
          return ".*";
        case "*":
          return "[^/]*";
        case "?":
          return "[^/]";
        case "{":
          depth++;
          return "(?:";
        case "}":
          if (depth === 0) return "\\}";
          depth--;
          return ")";
        case ",":
          return depth > 0 ? "|" : ",";
        default:
          return token.length > 2 && token.startsWith("[")
            ? characterClass(token)
            : escapeLiteral(unescaped(token));
      }
    })
    .join("")
    .concat(")".repeat(depth));
}

function characterClass(token: string): string {
  const negated = token.startsWith("[!");
  const body = token.slice(negated ? 2 : 1, -1).replace(/[\\\]^[&~|]/g, "\\$&");
  return `(?!/)[${negated ? "^" : ""}${body}]`;
}

function unescaped(token: string): string {
  return token.length > 1 && token.startsWith("\\") ? token.slice(1) : token;
}

function escapeLiteral(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
