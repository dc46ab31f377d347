import fc from "fast-check";
import { expect, test } from "vitest";
import { parseProperties } from "./properties.ts";

test.each<[string, string, Record<string, string>]>([
  ["separators", "a=1\nb: 2\nc 3\nd = 4\n e\t5", { a: "1", b: "2", c: "3", d: "4", e: "5" }],
  ["comments and blank lines", "# x\n\n  ! y\na=1", { a: "1" }],
  ["a key alone", "a", { a: "" }],
  ["a separator in the value", "a=b=c", { a: "b=c" }],
  ["continued lines", "a=1\\\n   2\\\n3", { a: "123" }],
  ["a comment mark in a continued line", "a=1\\\n#2", { a: "1#2" }],
  ["an escaped backslash at the end", "a=1\\\\\nb=2", { a: "1\\", b: "2" }],
  ["escapes", "a\\ b\\=c=\\t\\u00e9\\x", { "a b=c": "\té" + "x" }],
  ["line ends of any system", "a=1\r\nb=2\rc=3", { a: "1", b: "2", c: "3" }],
  ["blanks after the value stay", "a=1 ", { a: "1 " }],
  ["the last of two wins", "a=1\na=2", { a: "2" }],
])("%s", (_, text, expected) => {
  expect(Object.fromEntries(parseProperties(text))).toEqual(expected);
});

test("what is escaped as Java escapes it is read back", () => {
  const escaped = (text: string) =>
    [...Array(text.length).keys()]
      .map((index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, "0")}`)
      .join("");
  const entries = fc.dictionary(fc.string({ minLength: 1, unit: "binary" }), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(entries, (properties) => {
      const lines = Object.entries(properties).map(([key, value]) => `${escaped(key)}=${escaped(value)}`);
      expect([...parseProperties(lines.join("\n"))]).toEqual(Object.entries(properties));
    }),
  );
});

test("no text makes the reader fail", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseProperties(text)));
});
