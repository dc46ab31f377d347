import { describe, expect, it } from "vitest";
import {
  approx,
  build,
  column,
  longSketch,
  ndvOf,
  opaque,
  payload,
  rollUpColumn,
  rollUpColumnInline,
  sketchOfType,
  textSketch,
} from "../../test/support/stats-records.ts";
import type { Ndv } from "../model/index.ts";
import { EMPTY_THETA, serialiseTheta, unionThetas } from "../sketch/index.ts";
import { scannedNdv, thetaPayload } from "./ndv-rollup.ts";

describe("07 §9.4: NDV", () => {
  it("07 T51: rows_total falls back to the file's rows, unset if there are none", () => {
    expect(scannedNdv(EMPTY_THETA, { seen: 0n, total: 999n }, 1n).approx).toMatchObject({
      estimate: 0,
      rowsSeen: 0n,
      rowsTotal: 999n,
    });
    expect(scannedNdv(EMPTY_THETA, { seen: 0n, total: 0n }, 1n).approx?.rowsTotal).toBeUndefined();
  });
  it("07 T56: only opaque sketches with estimates give the largest", () => {
    const rolledUp = rollUpColumn(
      { ndv: { approx: approx(50), sketches: opaque("hll") } },
      { ndv: { approx: approx(50), sketches: opaque("tuple") } },
    );
    expect(rolledUp.ndv).toEqual({
      approx: {
        estimate: 50,
        rowsSeen: undefined,
        rowsTotal: undefined,
        method: "rollup-max",
        properties: {},
      },
      sketches: [],
    });
  });
  it("07 T57: opaque sketches without estimates give nothing", () => {
    const entry = (type: string) => ({ ndv: { approx: undefined, sketches: opaque(type) } });
    expect(rollUpColumn(entry("hll"), entry("tuple"), entry("cpc")).ndv).toBeUndefined();
    expect(rollUpColumn({ ndv: { approx: approx(0), sketches: [] } }, {}).ndv).toBeUndefined();
  });
  it("an exact count takes part, also zero", () => {
    const exact = (count: bigint) => ({ ndv: { approx: undefined, exact: count, sketches: [] } });
    expect(rollUpColumn(exact(0n), {}).ndv?.approx?.estimate).toBe(0);
    expect(rollUpColumn(exact(7n), { ndv: { approx: approx(3), sketches: [] } }).ndv?.approx?.estimate).toBe(
      7,
    );
  });
  it("07 T48, T58: rows seen and total sum", () => {
    const rolledUp = rollUpColumn(
      { ndv: ndvOf(textSketch("a"), 50n, 100n) },
      { ndv: ndvOf(textSketch("b"), 70n, 100n) },
    );
    expect(rolledUp.ndv?.approx).toMatchObject({ rowsSeen: 120n, rowsTotal: 200n });
    const small = rollUpColumn(
      { ndv: ndvOf(textSketch("a"), 10n, 100n) },
      { ndv: ndvOf(textSketch("a"), 20n, 200n) },
    );
    expect(small.ndv?.approx).toMatchObject({ estimate: 1, rowsSeen: 30n, rowsTotal: 300n });
  });
  it("07 T59: one contributor keeps its Ndv as it is", () => {
    const ndv: Ndv = {
      approx: approx(50),
      sketches: [sketchOfType("theta", serialiseTheta(textSketch("a"))), ...opaque("tuple")],
    };
    expect(rollUpColumn({ ndv }).ndv).toBe(ndv);
  });
  it("07 T71: an estimate without a sketch doesn't count beside a sketch (QUIRK)", () => {
    const rolledUp = rollUpColumn(
      { ndv: ndvOf(longSketch(1n, 2n), 10n) },
      { ndv: { approx: approx(1000, 90n), sketches: [] } },
    );
    expect(rolledUp.ndv?.approx).toMatchObject({ estimate: 2, rowsSeen: 100n });
  });
  it("an empty sketch counts, a sketch without bytes does not", () => {
    const bytes = (data: Uint8Array) => ({
      ndv: { approx: undefined, sketches: [sketchOfType("x-THETA-y", data)] },
    });
    expect(rollUpColumn(bytes(serialiseTheta(EMPTY_THETA)), {}).ndv?.approx?.estimate).toBe(0);
    expect(rollUpColumn(bytes(new Uint8Array(0)), {}).ndv).toBeUndefined();
  });
  it("a sketch with larger k is cut to 4096 as soon as there is a second contributor", () => {
    const large = build((builder) => {
      for (let i = 0; i < 5000; i++) builder.addLong(i, 0);
    }, 8192);
    const rolledUp = rollUpColumn({ ndv: ndvOf(large) }, {});
    expect(rolledUp.ndv?.sketches[0]?.data).toHaveLength(32792);
  });
  it("a malformed theta sketch fails the group and names the column", () => {
    const entry = { ndv: { approx: undefined, sketches: [sketchOfType("theta")] } };
    expect(() => rollUpColumn(entry, {})).toThrow("NDV sketches of column 5");
    expect(rollUpColumn(entry).ndv).toBe(entry.ndv);
  });
  it("does not depend on the order of files", () => {
    const entries = [longSketch(1n, 2n), longSketch(2n, 3n), longSketch(9n)].map((sketch) => ({
      ndv: ndvOf(sketch),
    }));
    expect(rollUpColumn(...entries).ndv).toEqual(rollUpColumn(...entries.toReversed()).ndv);
  });
  it("of very many files is the union of all their sketches, in one step or in several, exact or estimated", () => {
    for (const distinctPerFile of [3, 900, 6000]) {
      const sketches = Array.from({ length: 45 }, (_, file) =>
        build((builder) => {
          for (let i = 0; i < distinctPerFile; i++) builder.addLong(file * 500 + i, 0);
        }),
      );
      const rolledUp = rollUpColumn(...sketches.map((sketch) => ({ ndv: ndvOf(sketch) })));
      expect(rolledUp.ndv?.sketches[0]?.data).toEqual(serialiseTheta(unionThetas(sketches)));
    }
  });
});

describe("07 §9.5: the inline server's roll-up", () => {
  it("rebuilds NDV from theta sketches even for one contributor, without row counts", () => {
    const rolledUp = rollUpColumnInline({ ndv: ndvOf(longSketch(1n, 2n), 10n, 10n) });
    expect(rolledUp.ndv).toEqual({
      approx: {
        estimate: 2,
        rowsSeen: undefined,
        rowsTotal: undefined,
        method: "apache-datasketches-theta",
        properties: {},
      },
      sketches: [thetaPayload(longSketch(1n, 2n), 77n)],
    });
  });
  it("knows a theta sketch by both words", () => {
    const ndv = { approx: approx(5), sketches: [sketchOfType("theta", serialiseTheta(textSketch("a")))] };
    expect(rollUpColumnInline({ ndv }).ndv).toBe(ndv);
    expect(rollUpColumnInline({ ndv }, {}).ndv).toBeUndefined();
  });
  it("has no largest estimate, no width, no sketches, no properties", () => {
    const entry = {
      rowCount: 10n,
      avgWidthBytes: 8n,
      ndv: { approx: approx(50), sketches: [] },
      sketches: [payload("x")],
    };
    const rolledUp = rollUpColumnInline(entry, entry);
    expect(rolledUp).toEqual(column({ rowCount: 20n }));
  });
  it("07 T70: an unreadable or blank type is an error only when two usable bounds meet", () => {
    const foo = { logicalType: "FOO", min: "1" };
    expect(rollUpColumnInline(foo, { logicalType: "FOO", min: " " }).min).toBe("1");
    expect(() => rollUpColumnInline(foo, foo)).toThrow('Unrecognized logical type: "FOO"');
    const blank = { logicalType: "", max: "1" };
    expect(() => rollUpColumnInline(blank, blank)).toThrow("Logical type must not be null/blank");
  });
  it("merges bounds by type", () => {
    expect(rollUpColumnInline({ min: "10", max: "10" }, { min: "9", max: "9" })).toMatchObject({
      min: "9",
      max: "10",
    });
  });
});
