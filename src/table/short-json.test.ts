import { expect, test } from "vitest";
import { shortJson } from "./short-json.ts";

test("a value that is nested too deeply for JSON.stringify can still be put in a message", () => {
  const depth = 100_000;
  expect(shortJson(JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`), 50)).toBe("an array");
  expect(shortJson(JSON.parse(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`), 50)).toBe("an object");
});

test("long values are cut, absent ones named", () => {
  expect(shortJson({ a: "xxxxxxxxxx" }, 8)).toBe('{"a":"xx…');
  expect(shortJson(undefined, 8)).toBe("nothing");
  expect(shortJson(null, 8)).toBe("null");
});
