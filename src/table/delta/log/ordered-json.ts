import { javaDoubleText } from "../../../types/index.ts";

/**
 * A JSON text whose objects keep the order of their keys, integer-like ones too, and whose numbers keep their digits: what
 * `partitionValues` needs (05 §9.1) and `JSON.parse` can't give. A repeated key keeps its first place and its last value.
 * Only for texts that `JSON.parse` has already accepted.
 */
export type OrderedJson =
  | string
  | boolean
  | null
  | { readonly number: string }
  | readonly OrderedJson[]
  | ReadonlyMap<string, OrderedJson>;

export function parseOrderedJson(text: string): OrderedJson {
  return new Cursor(text).value(0);
}

/** Text of a scalar as the reference has it (05 §4.4): `5` is "5", `1e3` is "1000.0". */
export function scalarText(value: string | boolean | { readonly number: string }): string {
  if (typeof value !== "object") return String(value);
  return /^-?\d+$/.test(value.number)
    ? BigInt(value.number).toString()
    : javaDoubleText(Number(value.number));
}

/** Deeper than any action of a log; bounds the recursion. */
const MAX_DEPTH = 100;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const SPACE = /[ \t\r\n]*/y;

class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): OrderedJson {
    if (depth > MAX_DEPTH) throw new SyntaxError(`JSON nested more than ${MAX_DEPTH} deep`);
    this.#space();
    const first = this.#text[this.#at];
    if (first === "{") return this.#object(depth);
    if (first === "[") return this.#array(depth);
    if (first === '"') return this.#string();
    for (const [word, value] of [
      ["true", true] as const,
      ["false", false] as const,
      ["null", null] as const,
    ]) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return { number: this.#match(NUMBER) };
  }

  #object(depth: number): ReadonlyMap<string, OrderedJson> {
    const entries = new Map<string, OrderedJson>();
    this.#at++;
    while (!this.#ends("}")) {
      const key = this.#string();
      this.#space();
      this.#at++;
      entries.set(key, this.value(depth + 1));
    }
    return entries;
  }

  #array(depth: number): readonly OrderedJson[] {
    const items: OrderedJson[] = [];
    this.#at++;
    while (!this.#ends("]")) items.push(this.value(depth + 1));
    return items;
  }

  /** True at the closing bracket; otherwise stands at the next item, past the comma. */
  #ends(bracket: string): boolean {
    this.#space();
    if (this.#text[this.#at] === bracket) {
      this.#at++;
      return true;
    }
    if (this.#text[this.#at] === ",") this.#at++;
    this.#space();
    return false;
  }

  #string(): string {
    const parsed: unknown = JSON.parse(this.#match(STRING));
    return String(parsed);
  }

  #space(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) throw new SyntaxError(`unexpected text in JSON at ${this.#at}`);
    this.#at += match[0].length;
    return match[0];
  }
}
