import { describe, expect, it } from "vitest";
import { isJavaBlank, javaNumberSyntax, javaTrim } from "./java-text.ts";

describe("07 Conventions: trim and blank", () => {
  it("strips characters up to U+0020 at both ends and no others", () => {
    expect(javaTrim("\u0000\t a b \n")).toBe("a b");
    expect(javaTrim("\u00a0a\u3000")).toBe("\u00a0a\u3000");
    expect(javaTrim("\u001f \u0001")).toBe("");
  });

  it("counts the listed white space as blank", () => {
    const blank = [
      0x09, 0x0d, 0x1c, 0x1f, 0x20, 0x1680, 0x2000, 0x2006, 0x2008, 0x200a, 0x2028, 0x2029, 0x205f,
    ];
    expect(isJavaBlank(String.fromCharCode(...blank, 0x3000))).toBe(true);
    expect(isJavaBlank("")).toBe(true);
  });

  it.each([0xa0, 0x2007, 0x202f, 0x85, 0xfeff, 0x00, 0x08, 0x0e, 0x1b, 0x200b])(
    "does not count U+%s as blank",
    (unit) => {
      expect(isJavaBlank(String.fromCharCode(unit))).toBe(false);
    },
  );
});

describe("05 §9.1: texts that are numbers", () => {
  it.each([
    "1",
    "-3",
    "1.50",
    "007",
    "+5",
    "1e3",
    "NaN",
    "Infinity",
    "-Infinity",
    "+NaN",
    "1d",
    "2F",
    "0x1p3",
  ])("%s is bare", (text) => {
    expect(javaNumberSyntax(text)).toBe(true);
  });
  it.each([".5", "5.", " 12 ", "\u00001\u0000", "1E-3f", "0X.8P-1", "0xA.p0d"])("%j is bare", (text) => {
    expect(javaNumberSyntax(text)).toBe(true);
  });
  it.each([
    "",
    " ",
    "null",
    "inf",
    "1L",
    "1_000",
    "us-east",
    "2026-02-01",
    ".",
    "0x1",
    "NaNf",
    "1e",
    "nan",
    "\u00a01",
  ])("%j is quoted", (text) => {
    expect(javaNumberSyntax(text)).toBe(false);
  });
});
