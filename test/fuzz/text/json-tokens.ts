import type { Random } from "../harness/random.ts";

/**
 * JSON text changed token by token: numbers keep every digit, keys their order, and what comes out may or may not be JSON.
 * Strings that hold JSON themselves (Delta's `schemaString`, Avro's `avro.schema`) are changed inside.
 */
export function damageJson(random: Random, text: string): string {
  const tokens = text.match(TOKEN);
  if (tokens === null || tokens.length === 0) return random.pick(VALUES);
  for (let i = random.pick([1, 1, 1, 2, 4]); i > 0; i--) damageToken(random, tokens);
  return tokens.join("");
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[a-z]+|\s+|./g;
const IS_VALUE = /^["\d-]|^[a-z]/;

function damageToken(random: Random, tokens: string[]): void {
  const places = tokens.flatMap((token, index) => (IS_VALUE.test(token) ? [index] : []));
  if (places.length === 0) {
    tokens.push(random.pick(VALUES));
    return;
  }
  const at = random.pick(places);
  const token = tokens[at] ?? "";
  switch (random.below(9)) {
    case 0:
    case 1:
    case 2:
      tokens[at] =
        innerJson(random, token) ?? (random.chance(0.5) ? nearby(random, token) : random.pick(VALUES));
      return;
    case 3:
      tokens[at] = tokens[random.pick(places)] ?? "";
      return;
    case 4:
      // With its comma, its colon, or whatever stands behind it.
      tokens.splice(at, 1 + random.below(4));
      return;
    case 5:
      tokens.splice(random.pick(places), 0, ...tokens.slice(at, at + 1 + random.below(12)));
      return;
    case 6:
      tokens[at] = nested(random);
      return;
    case 7:
      tokens.splice(random.below(tokens.length), 1);
      return;
    default:
      tokens[at] = innerJson(random, token) ?? nearby(random, token);
  }
}

function innerJson(random: Random, token: string): string | undefined {
  if (!token.startsWith('"{') && !token.startsWith('"[')) return undefined;
  try {
    const inner: unknown = JSON.parse(token);
    return typeof inner === "string" ? JSON.stringify(damageJson(random, inner)) : undefined;
  } catch {
    return undefined;
  }
}

/** A value of the same kind that is a little off. */
function nearby(random: Random, token: string): string {
  if (/^[\d-]/.test(token))
    return random.pick([`-${token}`, `${token}0`, `${token}.5`, `"${token}"`, "0", "1", "2", "3"]);
  if (!token.startsWith('"')) return random.pick(["true", "false", "null"]);
  const at = 1 + random.below(token.length - 1);
  const piece = random.pick(PIECES);
  return `${token.slice(0, at)}${piece}${token.slice(at + random.below(3), -1)}"`;
}

function nested(random: Random): string {
  const depth = random.pick([3, 300, 20_000]);
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"type":"struct","fields":[{"name":"a","id":1,"type":', "}]}"],
    ['{"type":"list","element-id":1,"element":', "}"],
    ['{"type":"array","elementType":', "}"],
    ['{"type":"array","items":', "}"],
  ] as const);
  return `${open.repeat(depth)}"int"${close.repeat(depth)}`;
}

const VALUES = [
  ...["null", "true", "false", '""', "[]", "{}", "0", "-1", "1.5", "1e999", "-0"],
  ...["2147483647", "2147483648", "9007199254740993", "9223372036854775807", "9223372036854775808", "1e30"],
  ...[
    '"__proto__"',
    '"constructor"',
    '"long"',
    '"string"',
    '"decimal(38,10)"',
    '"decimal(99,-1)"',
    '"fixed[99999999999]"',
  ],
  ...[
    '"\\ud800"',
    '"\\u0000"',
    '"2026-02-30"',
    '"NaN"',
    '"s3://b/t/../../x"',
    '"%zz%"',
    '{"__proto__":1}',
    "[null]",
  ],
  ...['[{"a":[]}]', '"truncate[0]"', '"bucket[-1]"', '"map"', '"struct"', '"list"', `"${"x".repeat(5000)}"`],
];
const PIECES = [
  "%",
  "%2F",
  "..",
  "/",
  "\\\\",
  "\\u0000",
  "\\ud800",
  "é",
  "😀",
  "#",
  "?",
  ":",
  "_",
  "0",
  "-",
  " ",
  "",
  "",
];
