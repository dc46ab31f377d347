/**
 * Reads a predicate as SQL writes it: comparisons of a column with a literal, BETWEEN, IN, LIKE, IS [NOT] NULL, joined with AND,
 * OR, NOT and parentheses. What compares columns with columns or calls functions is refused: page bounds can't decide it.
 */
import { likeLeaf } from "./like.ts";
import { readNumber } from "./literal.ts";
import {
  type ColumnName,
  type Literal,
  negate,
  type Operator,
  type Predicate,
  PredicateError,
} from "./predicate.ts";
import { type Token, tokenize } from "./tokens.ts";

const MAX_DEPTH = 200;

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["=", "="],
  ["==", "="],
  ["<>", "<>"],
  ["!=", "<>"],
  ["<", "<"],
  ["<=", "<="],
  [">", ">"],
  [">=", ">="],
]);

/** `5 < x` is `x > 5`. */
const MIRRORED: Readonly<Record<Operator, Operator>> = {
  "=": "=",
  "<>": "<>",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

const RESERVED = new Set(["AND", "OR", "NOT", "IN", "IS", "NULL", "LIKE", "BETWEEN", "TRUE", "FALSE"]);

/** Throws PredicateError, which says where and what was expected. */
export function parsePredicate(text: string): Predicate {
  const parser = new Parser(tokenize(text));
  const predicate = parser.disjunction(0);
  parser.expectEnd();
  return predicate;
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  disjunction(depth: number): Predicate {
    const terms = [this.#conjunction(depth)];
    while (this.#takeWord("OR")) terms.push(this.#conjunction(depth));
    return joined("or", terms);
  }

  expectEnd(): void {
    if (this.#peek().kind !== "end") throw this.#unexpected("AND, OR or the end");
  }

  #conjunction(depth: number): Predicate {
    const terms = [this.#term(depth)];
    while (this.#takeWord("AND")) terms.push(this.#term(depth));
    return joined("and", terms);
  }

  #term(depth: number): Predicate {
    if (depth > MAX_DEPTH) throw new PredicateError("nested too deeply", this.#peek().at);
    if (this.#takeWord("NOT")) return negate(this.#term(depth + 1));
    if (this.#takeSymbol("(")) {
      const inner = this.disjunction(depth + 1);
      if (!this.#takeSymbol(")")) throw this.#unexpected(")");
      return inner;
    }
    const literal = this.#literal();
    if (literal !== undefined) {
      const operator = this.#operator();
      if (operator === undefined) throw this.#unexpected("a comparison (=, <>, <, <=, >, >=)");
      return { kind: "compare", column: this.#column(), operator: MIRRORED[operator], literal };
    }
    return this.#test(this.#column());
  }

  #test(column: ColumnName): Predicate {
    const operator = this.#operator();
    if (operator !== undefined) {
      return { kind: "compare", column, operator, literal: this.#expectLiteral() };
    }
    if (this.#takeWord("IS")) {
      const wanted = this.#takeWord("NOT") ? "not-null" : "null";
      if (!this.#takeWord("NULL")) throw this.#unexpected("NULL or NOT NULL");
      return { kind: "null-test", column, wanted };
    }
    const negated = this.#takeWord("NOT");
    const positive = this.#positiveTest(column);
    if (positive === undefined) {
      throw this.#unexpected(
        negated ? "IN, BETWEEN or LIKE" : "a comparison (=, <>, <, <=, >, >=), IS, IN, BETWEEN or LIKE",
      );
    }
    return negated ? negate(positive) : positive;
  }

  #positiveTest(column: ColumnName): Predicate | undefined {
    if (this.#takeWord("BETWEEN")) {
      const low = this.#expectLiteral();
      if (!this.#takeWord("AND")) throw this.#unexpected("AND and the upper end");
      return joined("and", [
        { kind: "compare", column, operator: ">=", literal: low },
        { kind: "compare", column, operator: "<=", literal: this.#expectLiteral() },
      ]);
    }
    if (this.#takeWord("IN")) {
      if (!this.#takeSymbol("(")) throw this.#unexpected("( and a list of values");
      const terms: Predicate[] = [];
      do {
        terms.push({ kind: "compare", column, operator: "=", literal: this.#expectLiteral() });
      } while (this.#takeSymbol(","));
      if (!this.#takeSymbol(")")) throw this.#unexpected(", or )");
      return joined("or", terms);
    }
    if (this.#takeWord("LIKE")) {
      const pattern = this.#peek();
      if (pattern.kind !== "string") throw this.#unexpected("a text in single quotes");
      this.#next++;
      return likeLeaf(column, pattern.text);
    }
    return undefined;
  }

  #operator(): Operator | undefined {
    const token = this.#peek();
    const operator = token.kind === "symbol" ? OPERATORS.get(token.text) : undefined;
    if (operator !== undefined) this.#next++;
    return operator;
  }

  #column(): ColumnName {
    const parts: string[] = [];
    let quoted = false;
    do {
      const token = this.#peek();
      const isName =
        token.kind === "quoted-name" || (token.kind === "word" && !RESERVED.has(token.text.toUpperCase()));
      if (!isName) throw this.#unexpected("a column");
      quoted ||= token.kind === "quoted-name";
      parts.push(token.text);
      this.#next++;
    } while (this.#takeSymbol("."));
    if (this.#peek().text === "(" && this.#peek().kind === "symbol") {
      throw new PredicateError(
        "functions can't be decided by page bounds: compare a column",
        this.#peek().at,
      );
    }
    return { name: parts.join("."), quoted };
  }

  #expectLiteral(): Literal {
    const literal = this.#literal();
    if (literal !== undefined) return literal;
    const token = this.#peek();
    if (token.kind === "word" && token.text.toUpperCase() === "NULL") {
      throw new PredicateError("nothing compares with NULL: write IS NULL or IS NOT NULL", token.at);
    }
    throw this.#unexpected("a value (5, 1.5, 'text', '2026-03-01', TRUE)");
  }

  /** Takes nothing if no literal stands here. */
  #literal(): Literal | undefined {
    const token = this.#peek();
    const following = this.#tokens[this.#next + 1];
    if (token.kind === "string") {
      this.#next++;
      return { kind: "string", text: token.text };
    }
    if (token.kind === "word") {
      const word = token.text.toUpperCase();
      if (word === "TRUE" || word === "FALSE") {
        this.#next++;
        return { kind: "boolean", value: word === "TRUE" };
      }
      const typed = word === "DATE" || word === "TIME" || word === "TIMESTAMP" || word === "TIMESTAMPTZ";
      if (!typed || following?.kind !== "string") return undefined;
      this.#next += 2;
      return { kind: "string", text: following.text };
    }
    const signed = token.kind === "symbol" && (token.text === "-" || token.text === "+");
    const number = signed ? following : token;
    if (number?.kind !== "number") return undefined;
    this.#next += signed ? 2 : 1;
    return numberLiteral((signed && token.text === "-" ? "-" : "") + number.text, token.at);
  }

  #peek(): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new PredicateError("ends too early", 0);
    return token;
  }

  #takeWord(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== "word" || token.text.toUpperCase() !== word) return false;
    this.#next++;
    return true;
  }

  #takeSymbol(symbol: string): boolean {
    const token = this.#peek();
    if (token.kind !== "symbol" || token.text !== symbol) return false;
    this.#next++;
    return true;
  }

  #unexpected(expected: string): PredicateError {
    const token = this.#peek();
    const found = token.kind === "end" ? "the end" : JSON.stringify(token.text);
    return new PredicateError(`found ${found} where ${expected} belongs`, token.at);
  }
}

function joined(kind: "and" | "or", terms: readonly Predicate[]): Predicate {
  const [first] = terms;
  return terms.length === 1 && first !== undefined ? first : { kind, terms };
}

function numberLiteral(text: string, at: number): Literal {
  const number = readNumber(text);
  if (number === undefined)
    throw new PredicateError(`${text.slice(0, 100)} is no number that can be compared`, at);
  return { kind: "number", ...number };
}
