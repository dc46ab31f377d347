import { expect, it } from "vitest";
import { column, file, longSketch, ndvOf } from "../../test/support/stats-records.ts";
import type { ColumnStats, Generation, Ndv, StatsRecord } from "../model/index.ts";
import { createTableRollup } from "./table-rollup.ts";

const request = { outputs: new Set(["table", "column"] as const), nowMs: 7 };

/** `count` files of ten rows each; file `i` holds the values `i` and `i + 1` of column 5. */
function rollUp(generation: Generation, count: number): readonly StatsRecord[] {
  const rollup = createTableRollup(generation, request);
  for (let i = 0; i < count; i++) {
    const ndv = ndvOf(longSketch(BigInt(i), BigInt(i + 1)), 10n, 10n);
    const inFile = generation === "chunked" ? column({ rowCount: 10n, ndv }) : column({ rowCount: 10n });
    const beside = new Map<bigint, Ndv>(generation === "inline" ? [[5n, ndv]] : []);
    rollup.add(file({ rows: 10n, size: 100n, columns: [[5n, inFile]] }), beside);
  }
  return rollup.finish();
}

function onlyScalar(records: readonly StatsRecord[]): ColumnStats | undefined {
  return records.flatMap(({ value }) => (value.kind === "scalar" ? [value.scalar] : []))[0];
}

it.each([1, 7, 8, 9, 40])("05 §7.5: inline COLUMN records have the NDV of %i files", (count) => {
  const ndv = onlyScalar(rollUp("inline", count))?.ndv;
  const rows = BigInt(count) * 10n;
  expect(ndv?.approx).toMatchObject({ estimate: count + 1, rowsSeen: rows, rowsTotal: rows });
  expect(ndv?.sketches).toHaveLength(1);
  expect(ndv?.sketches[0]?.data).toEqual(onlyScalar(rollUp("chunked", count))?.ndv?.sketches[0]?.data);
});

it("07 §9.5: inline without distinct values has none in COLUMN records", () => {
  const rollup = createTableRollup("inline", request);
  rollup.add(file({ rows: 10n, columns: [[5n, column({ rowCount: 10n })]] }), new Map());
  expect(onlyScalar(rollup.finish())?.ndv).toBeUndefined();
});

it("07 §9.2: TABLE sums the files of all groups, in both generations", () => {
  for (const generation of ["inline", "chunked"] as const) {
    const tables = rollUp(generation, 20).flatMap(({ value }) =>
      value.kind === "table" ? [value.table] : [],
    );
    expect(tables).toEqual([{ rowCount: 200n, dataFileCount: 20n, totalSizeBytes: 2000n }]);
  }
});

it("07 §9.3: chunked rounds widths up group by group, so that a whole table has what its control plane would have", () => {
  const widthOf = (widths: readonly bigint[]) => {
    const rollup = createTableRollup("chunked", request);
    for (const avgWidthBytes of widths) {
      const rowCount = 1n;
      rollup.add(file({ rows: 1n, columns: [[5n, column({ rowCount, avgWidthBytes })]] }), new Map());
    }
    return onlyScalar(rollup.finish())?.avgWidthBytes;
  };
  // 8 files of 1 and 2 bytes by turns round up to 2; the ninth, of 1 byte, is a group of its own.
  const firstGroup = [1n, 2n, 1n, 2n, 1n, 2n, 1n, 2n];
  expect(widthOf(firstGroup)).toBe(2n);
  expect(widthOf([...firstGroup, 1n])).toBe(2n);
});

it.each(["inline", "chunked"] as const)(
  "%s: nothing is rolled up unless TABLE or COLUMN is asked for",
  (generation) => {
    const rollup = createTableRollup(generation, { ...request, outputs: new Set(["file"] as const) });
    rollup.add(file({ rows: 10n }), new Map());
    expect(rollup.finish()).toEqual([]);
  },
);

it.each(["inline", "chunked"] as const)(
  "%s: each of TABLE and COLUMN only where it is asked for",
  (generation) => {
    const kindsFor = (output: "table" | "column") => {
      const rollup = createTableRollup(generation, { ...request, outputs: new Set([output]) });
      rollup.add(file({ rows: 10n, columns: [[5n, column({ rowCount: 10n })]] }), new Map());
      return rollup.finish().map(({ target }) => target.kind);
    };
    expect([kindsFor("table"), kindsFor("column")]).toEqual([["table"], ["column"]]);
  },
);

it("07 T62: what capture itself knows of a column wins over what its FILE records add up to", () => {
  const rollup = createTableRollup("inline", request);
  const inFile = column({ rowCount: 10n, ndv: ndvOf(longSketch(1n), 10n, 10n) });
  const own = ndvOf(longSketch(1n, 2n, 3n), 10n, 10n);
  rollup.add(file({ rows: 10n, columns: [[5n, inFile]] }), new Map([[5n, own]]));
  expect(onlyScalar(rollup.finish())?.ndv?.approx).toMatchObject({ estimate: 3, rowsSeen: 10n });
});
