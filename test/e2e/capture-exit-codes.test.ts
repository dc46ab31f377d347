import { copyFile, cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { readOutput } from "../support/capture-output.ts";
import { singleColumn } from "../support/parquet-scan.ts";
import { DEMO_TABLE, FIXTURES, startCli, workFolder } from "../support/run-cli.ts";

/** How a capture ends: exit codes 0, 1, 2 and 130, what is written then and what is not. */

const DEMO_FILE = join(DEMO_TABLE, "orders-2026-03-01.parquet");

describe("exit code 0: done", () => {
  it("writes the folder and nothing beside it, says where, keeps stderr empty off a terminal", async () => {
    await using folder = await workFolder();
    const result = await folder.run("capture", DEMO_TABLE);
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(result.stdout).toMatch(
      /orders \(delta, version 2\)\n[\s\S]*written to \.\/floecat-capture-out\n$/,
    );
    expect(await readdir(folder.path)).toEqual(["floecat-capture-out"]);
    expect((await readdir(join(folder.path, "floecat-capture-out"))).sort()).toEqual([
      "artifacts.ndjson",
      "sidecars",
      "stats.ndjson",
    ]);
  });
});

describe("exit code 1: a file could not be captured", () => {
  it("names it with the reason, writes the others, leaves out TABLE and COLUMN records", async () => {
    await using folder = await workFolder();
    await mkdir(join(folder.path, "data"));
    for (const name of ["a.parquet", "c.parquet"]) await copyFile(DEMO_FILE, join(folder.path, "data", name));
    const bytes = await readFile(DEMO_FILE);
    bytes.fill(0xff, 60, 90);
    await writeFile(join(folder.path, "data/b.parquet"), bytes);
    await writeFile(join(folder.path, "data/0.parquet"), "this is no Parquet file at all");
    const result = await folder.run("capture", "data", "--out", "out");
    expect(result.exitCode).toBe(1);
    const said = result.stderr.trimEnd().split("\n");
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(/^not captured: file:\/\/\S+\/data\/0\.parquet, .*is not a Parquet file/);
    expect(said[1]).toMatch(
      /^not captured: file:\/\/\S+\/data\/b\.parquet, column \w+, row group 0, .*: \w+/,
    );
    expect(result.stdout).toContain(
      "2 files could not be captured (see above); TABLE and COLUMN records are left out",
    );
    const out = await readOutput(join(folder.path, "out"));
    const good = [`file://${folder.path}/data/a.parquet`, `file://${folder.path}/data/c.parquet`];
    expect(out.files.map((file) => file.filePath)).toEqual(good);
    expect(out.artifacts.map((artifact) => artifact.target.file.filePath)).toEqual(good);
    expect(out.records).toHaveLength(2);
    expect(out.sidecars.size).toBe(2);
  });

  it("names the memory setting, its value, file, column and offset where one page is larger than the memory", async () => {
    await using folder = await workFolder();
    // Zeros: a few megabytes in the file, 120 MiB in memory.
    const zeros = [{ page: "v1" as const, values: ["0".repeat(120 * 2 ** 20)] }];
    const field = { name: "t", type: "BYTE_ARRAY", converted: 0 } as const;
    await writeFile(
      join(folder.path, "a.parquet"),
      singleColumn(field, { codec: "SNAPPY", pages: zeros }).bytes,
    );
    const refused = await folder.run("capture", "a.parquet", "--threads", "2");
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(
      /a\.parquet, column t, row group 0, page 0, offset 4: the page takes \d+ MiB to decode, and floecat\.capture\.max-memory-bytes=268435456 \(256 MiB for 2 threads\) leaves \d+ MiB for one page; raise it by \d+ MiB or more/,
    );
    expect((await folder.run("capture", "a.parquet", "--max-memory", "1g", "--force")).exitCode).toBe(0);
  });

  it("lists the failures in --json too", async () => {
    await using folder = await workFolder();
    await copyFile(DEMO_FILE, join(folder.path, "a.parquet"));
    await writeFile(join(folder.path, "b.parquet"), "PAR1 cut short");
    const { exitCode, stdout } = await folder.run("capture", "a.parquet", "b.parquet", "--json");
    expect(exitCode).toBe(1);
    const [table] = JSON.parse(stdout).tables;
    expect(table.files).toHaveLength(1);
    expect(table.failures).toEqual([
      { path: `file://${folder.path}/b.parquet`, error: expect.stringContaining("b.parquet") },
    ]);
  });

  it.each([
    ["a path that isn't there", ["missing"], /no Parquet files found in file:\/\/\S+\/missing/],
    ["an empty folder", ["empty"], /no Parquet files found in file:\/\/\S+\/empty/],
    [
      "one of several files isn't there",
      ["a.parquet", "gone.parquet"],
      /no Parquet files found in .*gone\.parquet/,
    ],
    ["a glob that meets nothing", ["*.orc"], /no Parquet files found in .*\*\.orc/],
    ["no Delta log", ["empty", "--format", "delta"], /empty/],
    ["no Iceberg metadata", ["empty", "--format", "iceberg"], /empty/],
    [
      "a version that the table lacks",
      [DEMO_TABLE, "--snapshot", "3"],
      /version 3 .*latest available version is 2/,
    ],
    [
      "a snapshot that the table lacks",
      ["s3://fixtures/evolved", "--test-root", join(FIXTURES, "iceberg"), "--snapshot", "3"],
      /evolved has no snapshot 3/,
    ],
  ])("%s: nothing is written", async (_, args, reason) => {
    await using folder = await workFolder();
    await mkdir(join(folder.path, "empty"));
    await copyFile(DEMO_FILE, join(folder.path, "a.parquet"));
    const result = await folder.run("capture", ...args, "--out", "out");
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toMatch(reason);
    expect((await readdir(folder.path)).sort()).toEqual(["a.parquet", "empty"]);
  });
});

describe("exit code 2: wrong use", () => {
  it.each([
    ["no URI", [], /missing required argument 'uri'/],
    ["an empty URI", [""], /an empty URI names no table/],
    ["an unknown option", [DEMO_TABLE, "--colums", "a"], /unknown option '--colums'/],
    ["--format", [DEMO_TABLE, "--format", "orc"], /'--format <format>' argument 'orc' is invalid/],
    ["--wire", [DEMO_TABLE, "--wire", "http"], /'--wire <generation>' argument 'http' is invalid/],
    ["--snapshot", [DEMO_TABLE, "--snapshot", "newest"], /--snapshot: a version, a snapshot id or `latest`/],
    ["--outputs, unknown", [DEMO_TABLE, "--outputs", "file,rows"], /--outputs: rows is not an output/],
    ["--outputs, empty", [DEMO_TABLE, "--outputs", ""], /--outputs: an empty name is not an output/],
    ["--threads 0", [DEMO_TABLE, "--threads", "0"], /--threads: at least 1 is needed/],
    ["--threads, no number", [DEMO_TABLE, "--threads", "two"], /--threads: a whole number is needed/],
    ["a column that the table lacks", [DEMO_TABLE, "--columns", "Shop"], /--columns Shop: .*no such column/],
    [
      "a column that an Iceberg table lacks",
      ["s3://fixtures/evolved", "--test-root", join(FIXTURES, "iceberg"), "--columns", "gone"],
      /--columns gone: .*no such column/,
    ],
    [
      "a field id that an Iceberg table lacks",
      ["s3://fixtures/evolved", "--test-root", join(FIXTURES, "iceberg"), "--columns", "#abc"],
      /--columns #abc: .*no such column/,
    ],
    [
      "a field id that an Iceberg table lacks",
      ["s3://fixtures/evolved", "--test-root", join(FIXTURES, "iceberg"), "--columns", "#9999999999"],
      /--columns #9999999999: .*no such column/,
    ],
    [
      "a field id that an Iceberg table lacks",
      ["s3://fixtures/evolved", "--test-root", join(FIXTURES, "iceberg"), "--columns", "#99"],
      /--columns #99: .*no such column/,
    ],
    ["--ndv without statistics", [DEMO_TABLE, "--ndv", "--outputs", "page-index"], /--ndv: .*--outputs/],
    [
      "inline --ndv without COLUMN records",
      [DEMO_TABLE, "--ndv", "--wire", "inline", "--outputs", "file"],
      /--ndv: .*--outputs/,
    ],
  ])("%s: refused, nothing is written", async (_, args, reason) => {
    await using folder = await workFolder();
    const result = await folder.run("capture", ...args, "--out", "out");
    expect(result).toMatchObject({ exitCode: 2, stdout: "" });
    expect(result.stderr).toMatch(reason);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("refuses an --out that is not empty; --force replaces an earlier capture and nothing else", async () => {
    await using folder = await workFolder();
    const capture = (...args: string[]) => folder.run("capture", DEMO_FILE, "--out", "out", ...args);
    await mkdir(join(folder.path, "out"));
    expect(await capture()).toMatchObject({ exitCode: 0 });
    const before = await readOutput(join(folder.path, "out"));
    expect(await capture()).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("--out out is not empty"),
    });
    expect(await capture("--force", "--outputs", "file")).toMatchObject({ exitCode: 0 });
    const after = await readOutput(join(folder.path, "out"));
    expect([before.sidecars.size, after.sidecars.size]).toEqual([1, 0]);

    await writeFile(join(folder.path, "out/notes.txt"), "mine");
    const refused = await capture("--force");
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain("files that capture did not write (notes.txt)");
    expect(await readFile(join(folder.path, "out/notes.txt"), "utf8")).toBe("mine");
    expect(await readOutput(join(folder.path, "out"))).toEqual(after);

    await writeFile(join(folder.path, "file"), "mine");
    const onFile = await folder.run("capture", DEMO_FILE, "--out", "file", "--force");
    expect(onFile).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--out file is a file") });
    expect((await readdir(folder.path)).sort()).toEqual(["file", "out"]);
  });

  it("a failed capture leaves what stood in --out", async () => {
    await using folder = await workFolder();
    await cp(DEMO_TABLE, join(folder.path, "orders"), { recursive: true });
    expect(await folder.run("capture", "orders", "--out", "out")).toMatchObject({ exitCode: 0 });
    const before = await readOutput(join(folder.path, "out"));
    expect(await folder.run("capture", "gone", "--out", "out", "--force")).toMatchObject({ exitCode: 1 });
    expect(await readOutput(join(folder.path, "out"))).toEqual(before);
  });
});

describe("exit code 130: interrupted", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("%s in the middle: nothing is left behind", async (signal) => {
    await using folder = await workFolder();
    await mkdir(join(folder.path, "data"));
    for (let i = 0; i < 200; i++) await copyFile(DEMO_FILE, join(folder.path, "data", `${i}.parquet`));
    const running = startCli(["capture", "data", "--out", "out", "--threads", "1"], { cwd: folder.path });
    while (!(await hasSidecar(folder.path))) {
      expect(running.process.exitCode).toBe(null);
      await delay(5);
    }
    running.process.kill(signal);
    const result = await running.result;
    expect(result).toEqual({
      exitCode: 130,
      stdout: "",
      stderr: "floecat-capture: interrupted; nothing was written\n",
    });
    expect(await readdir(folder.path)).toEqual(["data"]);
  });
});

async function hasSidecar(folder: string): Promise<boolean> {
  const partial = (await readdir(folder)).find((name) => name.startsWith(".out.partial-"));
  if (partial === undefined) return false;
  const sidecars = await readdir(join(folder, partial, "sidecars")).catch(() => []);
  return sidecars.length > 0;
}
