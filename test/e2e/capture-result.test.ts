import { createHash } from "node:crypto";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CaptureOutputFolder, columnsOf, nameOf, readOutput } from "../support/capture-output.ts";
import { DEMO_TABLE, FIXTURES, workFolder } from "../support/run-cli.ts";
import { sidecarRows } from "../support/sidecar-rows.ts";

/** What `capture` writes, option by option: the defaults first, then what each option changes of them. */

async function capture(...args: readonly string[]): Promise<CaptureOutputFolder> {
  await using folder = await workFolder();
  const result = await folder.run("capture", ...args, "--out", "out");
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  return await readOutput(join(folder.path, "out"));
}

/** Names of the columns in all sidecars. */
async function indexedColumns(out: CaptureOutputFolder): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const bytes of out.sidecars.values())
    for (const row of await sidecarRows(bytes)) names.add(row.columnName);
  return [...names].sort();
}

describe("defaults", () => {
  it("every output of every column, chunked, of the latest snapshot; account local, table id from the URI", async () => {
    const out = await capture(DEMO_TABLE);
    const id = createHash("sha256").update(`file://${DEMO_TABLE}`).digest("hex").slice(0, 32);
    for (const record of [...out.records, ...out.artifacts]) {
      expect(record.tableId).toEqual({ accountId: "local", id, kind: "RK_TABLE" });
      expect(record.snapshotId).toBe("2");
    }
    expect(out.tables).toEqual([{ rowCount: "18000", dataFileCount: "3", totalSizeBytes: "417450" }]);
    expect(out.files.map((file) => [nameOf(file.filePath), file.rowCount, file.columns.length])).toEqual([
      ["orders-2026-03-03.parquet", "6000", 9],
      ["orders-2026-03-02.parquet", "6000", 9],
      ["orders-2026-03-01.parquet", "6000", 9],
    ]);
    expect(out.columns.size).toBe(9);
    expect(out.timeless).not.toContain('"ndv"');
    expect(await indexedColumns(out)).toEqual([
      "amount",
      "due",
      "gift",
      "note",
      "order_id",
      "placed_at",
      "shop",
      "state",
      "weight_kg",
    ]);
  });

  it("07 §8.6: FILE records, then TABLE, then COLUMN; 06 §5: artifacts name their sidecar by its hash", async () => {
    const out = await capture(DEMO_TABLE);
    const kinds = out.records.map((record) => (record.file ? "file" : record.table ? "table" : "column"));
    expect(kinds.join(" ").replace(/(column ?)+$/, "column")).toBe("file file file table column");
    expect(out.artifacts.map((artifact) => artifact.target.file.filePath)).toEqual(
      out.files.map((file) => file.filePath),
    );
    expect(out.sidecars.size).toBe(3);
    for (const artifact of out.artifacts) {
      const name = nameOf(artifact.artifactUri);
      const hash = createHash("sha256").update(out.sidecars.get(name) ?? "");
      const digest = hash.digest();
      expect(name).toBe(`${digest.toString("hex")}.parquet`);
      expect(artifact.contentSha256B64).toBe(digest.toString("base64"));
    }
  });
});

describe("--outputs", () => {
  it.each([
    ["table", { files: 3, tables: 1, columns: 0, artifacts: 0 }],
    ["file", { files: 3, tables: 0, columns: 0, artifacts: 0 }],
    ["column", { files: 3, tables: 0, columns: 9, artifacts: 0 }],
    ["page-index", { files: 0, tables: 0, columns: 0, artifacts: 3 }],
    ["table, page-index", { files: 3, tables: 1, columns: 0, artifacts: 3 }],
  ])("%s (07 §9.1, decisions 8 and 11)", async (outputs, counts) => {
    const out = await capture(DEMO_TABLE, "--outputs", outputs);
    expect({
      files: out.files.length,
      tables: out.tables.length,
      columns: out.columns.size,
      artifacts: out.artifacts.length,
    }).toEqual(counts);
    expect(out.sidecars.size).toBe(counts.artifacts);
  });
});

describe("--snapshot", () => {
  it("a Delta version: the files of that version", async () => {
    const out = await capture(DEMO_TABLE, "--snapshot", "0");
    expect(out.files.map((file) => nameOf(file.filePath))).toEqual(["orders-2026-03-01.parquet"]);
    expect(out.records[0]?.snapshotId).toBe("0");
    expect(out.tables).toMatchObject([{ rowCount: "6000" }]);
    expect(await capture(DEMO_TABLE, "--snapshot", "2")).toMatchObject({ tables: [{ rowCount: "18000" }] });
  });

  it("an Iceberg snapshot id", async () => {
    const table = ["s3://fixtures/evolved", "--test-root", join(FIXTURES, "iceberg")];
    const older = await capture(...table, "--snapshot", "1886470954189227781");
    const latest = await capture(...table, "--snapshot", "latest");
    expect([older.records[0]?.snapshotId, latest.records[0]?.snapshotId]).toEqual([
      "1886470954189227781",
      "107690663974726077",
    ]);
    expect(older.files.map((file) => file.filePath)).not.toEqual(latest.files.map((file) => file.filePath));
  });
});

describe("--columns", () => {
  it("repeats; other columns have neither statistics nor pages", async () => {
    const out = await capture(DEMO_TABLE, "--columns", "shop", "--columns", "amount");
    for (const file of out.files) expect([...columnsOf(file).keys()].sort()).toEqual(["amount", "shop"]);
    expect([...out.columns.values()].map((column) => column.displayName).sort()).toEqual(["amount", "shop"]);
    expect(await indexedColumns(out)).toEqual(["amount", "shop"]);
  });

  it("05 §7.3: logical names of a mapped Delta table, also one that is another column's physical name", async () => {
    for (const table of ["mapped_by_name", "mapped_by_id"]) {
      const all = await capture(join(FIXTURES, "delta", table));
      const physical = new Set<string>();
      for (const name of ["id", "qty", "amount"]) {
        const out = await capture(join(FIXTURES, "delta", table), "--columns", name);
        expect([...columnsOf(out.files[0]).keys()]).toEqual([name]);
        expect(columnsOf(out.files[0]).get(name)).toEqual(columnsOf(all.files[0]).get(name));
        const [indexed, ...others] = await indexedColumns(out);
        expect(others).toEqual([]);
        physical.add(indexed ?? "");
        const [rows] = await Promise.all([...out.sidecars.values()].map(sidecarRows));
        const { min, max } = columnsOf(out.files[0]).get(name) ?? {};
        const bounds = rows?.map((row) => row.bounds).filter((bound) => bound?.kind === "i64");
        expect(String(bounds?.map((bound) => bound.min).sort()[0])).toBe(min);
        expect(
          String(
            bounds
              ?.map((bound) => bound.max)
              .sort()
              .at(-1),
          ),
        ).toBe(max);
      }
      expect([...physical].sort()).toEqual(await indexedColumns(all));
    }
  });

  it("05 §7.4, decision 29: mapped by id, a file has its widths whatever names it has for its columns", async () => {
    await using folder = await workFolder();
    const original = join(FIXTURES, "delta/mapped_by_id");
    await cp(original, join(folder.path, "converted"), { recursive: true });
    const log = join(folder.path, "converted/_delta_log");
    for (const name of await readdir(log)) {
      const text = await readFile(join(log, name), "utf8");
      const renamed = text.replace(/(physicalName\\?":\s*\\?")/g, "$1not-in-files-");
      await writeFile(join(log, name), renamed);
    }
    const figures = (out: CaptureOutputFolder) => out.files.map((file) => [...columnsOf(file)]);
    const converted = figures(await capture(join(folder.path, "converted"), "--ndv"));
    expect(converted).toEqual(figures(await capture(original, "--ndv")));
    expect(JSON.stringify(converted)).toMatch(/avgWidthBytes.*ndv|ndv.*avgWidthBytes/);
  });

  it("04 §10.1: a path or #<id> of an Iceberg table", async () => {
    const table = ["s3://fixtures/types_v2", "--test-root", join(FIXTURES, "iceberg")];
    const all = await capture(...table);
    const column = all.files[0]?.columns.find((entry) => entry.scalar.logicalType === "DATE");
    const name = column?.scalar.displayName ?? "";
    const byId = await capture(...table, "--columns", `#${column?.columnId}`);
    const byName = await capture(...table, "--columns", name);
    expect(byId.timeless).toBe(byName.timeless);
    expect(await indexedColumns(byId)).toEqual([name]);
  });
});

describe("--columns, Iceberg", () => {
  it("finds a renamed column by its field id in the files of both names", async () => {
    const table = ["s3://fixtures/evolved", "--test-root", join(FIXTURES, "iceberg")];
    const out = await capture(...table, "--snapshot", "3226677226764307699", "--columns", "renamed_to");
    expect(out.files).toHaveLength(2);
    expect(await indexedColumns(out)).toEqual(["renamed_from", "renamed_to"]);
  });
});

describe("--wire", () => {
  it("07 §8.4: inline has the ids of its rule and no widths; figures and sidecars are the same", async () => {
    const table = join(FIXTURES, "delta/types");
    const [chunked, inline] = [await capture(table), await capture(table, "--wire", "inline")];
    expect(inline.sidecars).toEqual(chunked.sidecars);
    expect(inline.timeless).not.toContain("avgWidthBytes");
    const [ofChunked, ofInline] = [columnsOf(chunked.files[0]), columnsOf(inline.files[0])];
    expect([...ofInline.keys()].sort()).toEqual([...ofChunked.keys()].sort());
    for (const [name, { avgWidthBytes, ...figures }] of ofChunked) {
      expect(avgWidthBytes).toMatch(/^[1-9]\d*$/);
      expect(ofInline.get(name)).toEqual(figures);
    }
    expect(inline.tables).toEqual(chunked.tables);
    expect(
      [...inline.columns.values()].map(({ displayName, min, max }) => [displayName, min, max]).sort(),
    ).toEqual(
      [...chunked.columns.values()].map(({ displayName, min, max }) => [displayName, min, max]).sort(),
    );
  });

  it("05 §8.3: ids differ where a struct comes before a column", async () => {
    const table = join(FIXTURES, "delta/types");
    const ids = (out: CaptureOutputFolder) =>
      new Map(out.files[0]?.columns.map((column) => [column.scalar.displayName, column.columnId]));
    const [chunked, inline] = [ids(await capture(table)), ids(await capture(table, "--wire", "inline"))];
    const differ = [...chunked].filter(([name, id]) => inline.get(name) !== id).map(([name]) => name);
    expect(differ.length).toBeGreaterThan(0);
    expect(differ.length).toBeLessThan(chunked.size);
  });
});

describe("--ndv", () => {
  it("07 §6.7: chunked has it in FILE columns and, merged, in COLUMN records", async () => {
    const out = await capture(DEMO_TABLE, "--ndv", "--columns", "shop", "--columns", "note");
    for (const file of out.files) {
      const { ndv } = columnsOf(file).get("shop") ?? {};
      expect(ndv?.approx).toMatchObject({
        rowsSeen: "6000",
        rowsTotal: "6000",
        method: "apache-datasketches-theta",
      });
      expect(ndv?.sketches).toMatchObject([
        {
          sketchType: "apache-datasketches-theta-v1",
          params: { encoding: "raw", compression: "none", version: "1" },
        },
      ]);
    }
    expect([...out.columns.values()].map((column) => column.ndv?.approx.rowsSeen)).toEqual([
      "18000",
      "18000",
    ]);
  });

  it("05 §7.5: inline has it in COLUMN records alone, rows seen and rows of the table with it", async () => {
    const columns = ["--ndv", "--columns", "shop", "--columns", "note"];
    const chunked = await capture(DEMO_TABLE, ...columns);
    const inline = await capture(DEMO_TABLE, "--wire", "inline", ...columns);
    for (const file of inline.files) {
      for (const { scalar } of file.columns) expect(scalar.ndv).toBeUndefined();
    }
    expect(inline.columns.size).toBe(2);
    for (const { displayName, ndv } of inline.columns.values()) {
      const other = [...chunked.columns.values()].find((column) => column.displayName === displayName);
      expect(ndv?.approx).toEqual({
        estimate: other?.ndv?.approx.estimate,
        rowsSeen: "18000",
        rowsTotal: "18000",
        method: "apache-datasketches-theta",
      });
      expect(ndv?.sketches).toEqual([
        {
          type: "apache-datasketches-theta-v1",
          data: other?.ndv?.sketches[0]?.data,
          encoding: "raw",
          compression: "none",
          version: 1,
        },
      ]);
    }
  });

  it("04 §12: a statistics file that can't be read is left out with a warning, and the files are scanned", async () => {
    await using folder = await workFolder();
    const table = join(folder.path, "fixtures/types_v2");
    await cp(join(FIXTURES, "iceberg/fixtures/types_v2"), table, { recursive: true });
    const newest = (await readdir(join(table, "metadata"))).filter((name) => name.startsWith("00002-"));
    const path = join(table, "metadata", newest[0] ?? "");
    const text = await readFile(path, "utf8");
    const [, snapshotId] = /"current-snapshot-id":\s*(\d+)/.exec(text) ?? [];
    const statistics = `[{"snapshot-id":${snapshotId},"statistics-path":"s3://fixtures/types_v2/gone.stats"}]`;
    await writeFile(path, text.replace(/"statistics":\s*\[[^\]]*\]/, `"statistics":${statistics}`));
    const uri = "s3://fixtures/types_v2";
    const result = await folder.run("capture", uri, "--test-root", folder.path, "--ndv", "--out", "out");
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toMatch(
      /^warning: Statistics file s3:\/\/fixtures\/types_v2\/gone\.stats is not used: .+\n$/,
    );
    expect((await readOutput(join(folder.path, "out"))).timeless).toContain('"ndv"');
  });

  it("07 §6.1: not asked for, an Iceberg table is not scanned for it either", async () => {
    const table = ["s3://fixtures/types_v2", "--test-root", join(FIXTURES, "iceberg")];
    expect((await capture(...table)).timeless).not.toContain('"ndv"');
    expect((await capture(...table, "--ndv")).timeless).toContain('"ndv"');
  });
});

describe("determinism", () => {
  it.each(["chunked", "inline"])("%s: one thread or several, the same records and sidecars", async (wire) => {
    const args = [DEMO_TABLE, "--ndv", "--wire", wire];
    const [one, two] = [await capture(...args, "--threads", "1"), await capture(...args, "--threads", "2")];
    expect(two.timeless).toBe(one.timeless);
    expect(two.sidecars).toEqual(one.sidecars);
  });
});

describe("--json", () => {
  it("prints one object: tables, files, totals, 64-bit values as text", async () => {
    await using folder = await workFolder();
    const { stdout, stderr } = await folder.run("capture", DEMO_TABLE, "--json", "--out", "out");
    expect(stderr).toBe("");
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      out: "out",
      tables: [
        {
          uri: `file://${DEMO_TABLE}`,
          format: "delta",
          snapshotId: "2",
          failures: [],
          warnings: [],
          totals: { files: 3, rows: "18000", pages: 96, sizeBytes: "417450" },
        },
      ],
    });
    expect(report.tables[0].files[0]).toMatchObject({ rows: "6000", columns: 9, pages: 32 });
  });
});
