import { execFileSync } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEMO_TABLE, type WorkFolder, workFolder } from "../support/run-cli.ts";
import { sidecarRows } from "../support/sidecar-rows.ts";

/** `inspect` on everything that the program reads or writes, and on what it doesn't. */

const DEMO_FILE = join(DEMO_TABLE, "orders-2026-03-01.parquet");

let folder: WorkFolder;
let sidecar: string;

beforeAll(async () => {
  folder = await workFolder();
  const result = await folder.run("capture", DEMO_FILE, "--ndv", "--out", "out");
  expect(result.exitCode).toBe(0);
  sidecar = join("out/sidecars", (await readdir(join(folder.path, "out/sidecars")))[0] ?? "");
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

async function inspect(...args: readonly string[]): Promise<string> {
  const result = await folder.run("inspect", ...args);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  return result.stdout;
}

describe("a Parquet file", () => {
  it("shows rows, row groups, chunks with type, codec, encodings and number of pages", async () => {
    const text = await inspect(DEMO_FILE);
    expect(text).toContain("6,000 rows in 2 row groups, 9 columns");
    expect(text).toMatch(/^ +0 {2}order_id {3}INT64 +SNAPPY {2}RLE, PLAIN +3,000 +3 /m);
    expect(text).toMatch(/^ +1 {2}amount +FIXED\[6\] DECIMAL\(12,2\) +SNAPPY/m);
    expect(text).not.toContain("dictionary");
  });

  it("--pages lists every page with its bounds, dictionaries among them; --limit cuts each table and says so", async () => {
    const text = await inspect(DEMO_FILE, "--pages", "--limit", "5");
    expect(text).toMatch(/^ +0 {2}order_id +0 {2}data-v1 +PLAIN +4 .* 1,024 {2}1000000 +1001023$/m);
    expect(text).toMatch(/^ +0 {2}shop +dictionary {2}PLAIN/m);
    expect(text.match(/^… and \d+ more \(--limit 0 shows all\)$/gm)).toHaveLength(2);
    expect(await inspect(DEMO_FILE, "--pages", "--limit", "0")).not.toContain("… and");
  });

  it("--json: one object that says as much, bounds with --pages alone", async () => {
    const plain = JSON.parse(await inspect(DEMO_FILE, "--json"));
    expect(plain).toMatchObject({ kind: "parquet", path: `file://${DEMO_FILE}`, rows: 6000 });
    expect(plain.rowGroups).toHaveLength(2);
    expect(plain.rowGroups[0].chunks[0].pages[0]).toEqual({
      kind: "data-v1",
      offset: 4,
      bytes: 4185,
      encoding: "PLAIN",
      values: 1024,
    });
    const pages = JSON.parse(await inspect(DEMO_FILE, "--json", "--pages"));
    expect(pages.rowGroups[0].chunks[0].pages[0].bounds).toEqual({ min: "1000000", max: "1001023" });
  });

  it("with a damaged chunk shows the others and what is wrong with it; --pages fails by name", async () => {
    const bytes = await readFile(DEMO_FILE);
    bytes.fill(0xff, 4, 20);
    await writeFile(join(folder.path, "damaged.parquet"), bytes);
    const text = await inspect("damaged.parquet", "--limit", "2");
    expect(text).toMatch(/damaged\.parquet, column order_id, row group 0, page 0, offset 4: /);
    expect(text).toMatch(/^ +0 {2}shop /m);
    const { exitCode, stderr } = await folder.run("inspect", "damaged.parquet", "--pages");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/damaged\.parquet, column order_id, row group 0, page 0, offset 4: /);
  });
});

describe("what capture writes", () => {
  it("a sidecar: the data file and a row for each page", async () => {
    const text = await inspect(sidecar, "--limit", "0");
    expect(text).toContain(`page index of file://${DEMO_FILE}\n  32 pages`);
    expect(text).toMatch(/^order_id +0 +0 +0 {2}1,024 +4 .* 1000000 +1001023$/m);
    const rows = await sidecarRows(await readFile(join(folder.path, sidecar)));
    const json = JSON.parse(await inspect(sidecar, "--json"));
    expect(json).toMatchObject({ kind: "sidecar", dataFile: `file://${DEMO_FILE}` });
    expect(json.pages.map((page: { column: string; offset: string }) => [page.column, page.offset])).toEqual(
      rows.map((row) => [row.columnName, String(row.pageHeaderOffset)]),
    );
  });

  it("stats.ndjson: tables, columns with distinct values, files", async () => {
    const text = await inspect("out/stats.ndjson");
    expect(text).toMatch(/^table: 6,000 rows in 1 data files, 134 KiB$/m);
    expect(text).toMatch(/^shop +STRING +6,000 +0 +≈ 10 /m);
    expect(text).toMatch(/^\S*orders-2026-03-01\.parquet +data +6,000 +134 KiB +9 +–$/m);
    expect(await inspect("out/stats.ndjson", "--limit", "1")).toContain("… and 8 more (--limit 0 shows all)");
  });

  it("artifacts.ndjson: each data file's sidecar and what it covers", async () => {
    const text = await inspect("out/artifacts.ndjson");
    expect(text).toMatch(/orders-2026-03-01\.parquet +\S+ +32 +2 +6000 {2}…[0-9a-f]+\.parquet$/m);
  });

  it.each(["out/stats.ndjson", "out/artifacts.ndjson"])(
    "%s --json: the records as one array",
    async (file) => {
      const lines = (await readFile(join(folder.path, file), "utf8")).trimEnd().split("\n");
      expect(JSON.parse(await inspect(file, "--json"))).toEqual(lines.map((line) => JSON.parse(line)));
    },
  );

  it("an empty NDJSON file: no records", async () => {
    await writeFile(join(folder.path, "empty.ndjson"), "");
    expect(await inspect("empty.ndjson")).toBe("no records\n");
  });
});

describe("what it can't show", () => {
  it.each([
    ["garbage", 1, /garbage, offset \d+: is not a Parquet file/],
    ["empty", 1, /empty: is not a Parquet file/],
    ["other.json", 2, /other\.json, line 1 is neither a statistics record nor an artifact record/],
    ["broken.json", 2, /broken\.json, line 2 is not JSON/],
    ["missing", 2, /missing can't be opened: ENOENT/],
    ["folder", 2, /folder is a folder: name one file in it/],
    ["pipe", 2, /pipe is not a regular file/],
  ])("%s: exit code %i and why", async (name, code, reason) => {
    await writeFile(join(folder.path, "garbage"), "no magic here, at neither end");
    await writeFile(join(folder.path, "empty"), "");
    await writeFile(join(folder.path, "other.json"), '{"a":1}\n');
    await writeFile(join(folder.path, "broken.json"), '{"target":{"table":{}}}\n{"a":');
    await mkdir(join(folder.path, "folder"), { recursive: true });
    execFileSync("sh", ["-c", "test -p pipe || mkfifo pipe"], { cwd: folder.path });
    const { exitCode, stdout, stderr } = await folder.run("inspect", name);
    expect([exitCode, stdout]).toEqual([code, ""]);
    expect(stderr).toMatch(reason);
  });

  it("--limit must be a whole number", async () => {
    expect(await folder.run("inspect", DEMO_FILE, "--limit", "-1")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("--limit: a whole number is needed"),
    });
  });
});

it("a reader of the pipe that leaves early is no failure", async () => {
  await copyFile(DEMO_FILE, join(folder.path, "a.parquet"));
  const bin = join(import.meta.dirname, "../../bin/floecat-capture.mjs");
  const script = `"${process.execPath}" "${bin}" inspect a.parquet --json --pages | head -c 10; exit "\${PIPESTATUS[0]}"`;
  const output = execFileSync("bash", ["-c", script], { cwd: folder.path, encoding: "utf8", stdio: "pipe" });
  expect(output).toBe('{"kind":"p');
});
