import { describe, expect, it } from "vitest";
import type { LogicalType, LogicalValue } from "../types/index.ts";
import { concludeView, rawRanges } from "./column-view.ts";
import { pagesOf } from "./testing.ts";

const instant = (value: bigint): LogicalValue => ({ kind: "TIMESTAMPTZ", value });
const integer = (value: bigint): LogicalValue => ({ kind: "INT", value });
const INSTANT: LogicalType = { kind: "TIMESTAMPTZ", precision: undefined };

describe("how raw integers are to be read", () => {
  it("the range of a column is that of its pages", () => {
    const pages = pagesOf("x", [
      { kind: "i64", min: 3n, max: 5n },
      undefined,
      { kind: "i64", min: 1n, max: 4n },
    ]);
    expect(rawRanges(pages).get("x")).toEqual({ min: 1n, max: 5n, bits: 64 });
    expect(rawRanges(pagesOf("y", [{ kind: "utf8", min: "a", max: "b" }])).size).toBe(0);
  });

  it("the unit of a timestamp is the one in which raw and file bounds agree", () => {
    const file = { min: instant(-1_500_000n), max: instant(2_000_000n) };
    const view = (min: bigint, max: bigint) => concludeView(INSTANT, { min, max, bits: 64 }, file);
    expect(view(-1_500n, 2_000n)).toEqual({ kind: "timestamp", perSecond: 1_000n, utc: true });
    expect(view(-1_500_000n, 2_000_000n)).toEqual({ kind: "timestamp", perSecond: 1_000_000n, utc: true });
    expect(view(-1_499_999_999n, 2_000_000_999n)).toEqual({
      kind: "timestamp",
      perSecond: 1_000_000_000n,
      utc: true,
    });
    expect(view(-1_500n, 2_001n)).toBeUndefined();
  });

  it("is left open where every unit agrees, or the file has no bounds", () => {
    expect(
      concludeView(INSTANT, { min: 0n, max: 0n, bits: 64 }, { min: instant(0n), max: instant(0n) }),
    ).toBeUndefined();
    expect(
      concludeView(INSTANT, { min: 0n, max: 9n, bits: 64 }, { min: undefined, max: undefined }),
    ).toBeUndefined();
  });

  it("integers are unsigned where a raw bound is negative and the file's minimum is not", () => {
    const view = (min: bigint, max: bigint, fileMin: bigint, fileMax: bigint) =>
      concludeView({ kind: "INT" }, { min, max, bits: 32 }, { min: integer(fileMin), max: integer(fileMax) });
    expect(view(-2n, 5n, -2n, 5n)).toEqual({ kind: "integer", signed: true });
    expect(view(-2n, 5n, 0n, 4294967295n)).toEqual({ kind: "integer", signed: false });
    expect(view(-2n, 5n, -3n, 5n)).toBeUndefined();
  });

  it("dates are 32 bits wide", () => {
    const none = { min: undefined, max: undefined };
    expect(concludeView({ kind: "DATE" }, { min: 0n, max: 1n, bits: 32 }, none)).toEqual({ kind: "date" });
    expect(concludeView({ kind: "DATE" }, { min: 0n, max: 1n, bits: 64 }, none)).toBeUndefined();
  });
});
