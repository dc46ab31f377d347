import { PredicateError } from "./predicate.ts";

export type Token =
  /** A bare word: keyword or column. */
  | { readonly kind: "word"; readonly text: string; readonly at: number }
  | { readonly kind: "quoted-name"; readonly text: string; readonly at: number }
  | { readonly kind: "string"; readonly text: string; readonly at: number }
  | { readonly kind: "number"; readonly text: string; readonly at: number }
  | { readonly kind: "symbol"; readonly text: string; readonly at: number }
  | { readonly kind: "end"; readonly text: ""; readonly at: number };

const MAX_CHARACTERS = 20_000;

const SPACE = /\s+/y;
const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,9})?/y;
const STRING = /'((?:[^']|'')*)'/y;
const DOUBLE_QUOTED = /"((?:[^"]|"")+)"/y;
const BACK_QUOTED = /`((?:[^`]|``)+)`/y;
const SYMBOL = /<=|>=|<>|!=|==|[=<>(),.+-]/y;

/** The words, names, literals and signs of a predicate, with the place of each. */
export function tokenize(text: string): Token[] {
  if (text.length > MAX_CHARACTERS) {
    throw new PredicateError(`longer than the ${MAX_CHARACTERS} characters that are read`, MAX_CHARACTERS);
  }
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    const space = match(SPACE);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const [token, length] = nextToken(match, at);
    if (token === undefined) throw unreadable(text, at);
    tokens.push(token);
    at += length;
  }
  tokens.push({ kind: "end", text: "", at });
  return tokens;
}

function nextToken(
  match: (pattern: RegExp) => RegExpExecArray | null,
  at: number,
): [token: Token | undefined, length: number] {
  const word = match(WORD);
  if (word !== null) return [{ kind: "word", text: word[0], at }, word[0].length];
  const number = match(NUMBER);
  if (number !== null) return [{ kind: "number", text: number[0], at }, number[0].length];
  const string = match(STRING);
  if (string !== null) {
    return [{ kind: "string", text: (string[1] ?? "").replaceAll("''", "'"), at }, string[0].length];
  }
  for (const [pattern, quote] of [
    [DOUBLE_QUOTED, '"'],
    [BACK_QUOTED, "`"],
  ] as const) {
    const name = match(pattern);
    if (name !== null) {
      const text = (name[1] ?? "").replaceAll(quote + quote, quote);
      return [{ kind: "quoted-name", text, at }, name[0].length];
    }
  }
  const symbol = match(SYMBOL);
  return symbol === null ? [undefined, 0] : [{ kind: "symbol", text: symbol[0], at }, symbol[0].length];
}

function unreadable(text: string, at: number): PredicateError {
  const character = text[at] ?? "";
  if (character === "'") return new PredicateError("a text begins with ' and doesn't end with one", at);
  if (character === '"' || character === "`") {
    return new PredicateError(`a column name begins with ${character} and doesn't end with one`, at);
  }
  return new PredicateError(`${JSON.stringify(character)} has no meaning here`, at);
}
