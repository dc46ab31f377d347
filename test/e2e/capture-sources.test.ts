import { copyFile, cp, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { nameOf, readOutput } from "../support/capture-output.ts";
import { DEMO_TABLE, FIXTURES, type WorkFolder, workFolder } from "../support/run-cli.ts";

/** What a URI of `capture` can be: table folders, files, folders of files, globs; names as odd as the file system allows. */

const FILE = join(FIXTURES, "delta/mapped_by_name/part-0.parquet");

async function put(folder: WorkFolder, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder.path, name)), { recursive: true });
    await copyFile(FILE, join(folder.path, name));
  }
}

interface Captured {
  readonly format: string;
  /** Below the work folder, in the order of the records. */
  readonly files: readonly string[];
}

async function captureTables(folder: WorkFolder, ...args: readonly string[]): Promise<readonly Captured[]> {
  const result = await folder.run("capture", ...args, "--json", "--out", ".out");
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  const report: { tables: { format: string; files: { path: string }[] }[] } = JSON.parse(result.stdout);
  const prefix = `file://${folder.path}/`;
  return report.tables.map((table) => ({
    format: table.format,
    files: table.files.map(({ path }) => (path.startsWith(prefix) ? path.slice(prefix.length) : path)),
  }));
}

async function captureFiles(folder: WorkFolder, ...args: readonly string[]): Promise<readonly string[]> {
  const [table, ...others] = await captureTables(folder, ...args);
  expect(others).toEqual([]);
  return table?.files ?? [];
}

describe("--format", () => {
  it.each([
    ["delta", [DEMO_TABLE], 3],
    ["iceberg", ["s3://fixtures/types_v1", "--test-root", join(FIXTURES, "iceberg")], 2],
    ["parquet", [FILE], 1],
  ] as const)("auto tells %s, which can be asked for too", async (format, args, count) => {
    await using folder = await workFolder();
    for (const more of [[], ["--format", format]]) {
      const [table, ...others] = await captureTables(folder, ...args, ...more, "--force");
      expect(others).toEqual([]);
      expect(table).toMatchObject({ format });
      expect(table?.files).toHaveLength(count);
    }
  });

  it("parquet reads a Delta table's folder as files, its log left out", async () => {
    await using folder = await workFolder();
    await cp(DEMO_TABLE, join(folder.path, "orders"), { recursive: true });
    await copyFile(join(DEMO_TABLE, "orders-2026-03-01.parquet"), join(folder.path, "orders/stray.parquet"));
    await copyFile(FILE, join(folder.path, "orders/_delta_log/0.checkpoint.parquet"));
    expect(await captureFiles(folder, "orders")).not.toContain("orders/stray.parquet");
    expect(await captureFiles(folder, "orders", "--format", "parquet", "--force")).toEqual([
      "orders/orders-2026-03-01.parquet",
      "orders/orders-2026-03-02.parquet",
      "orders/orders-2026-03-03.parquet",
      "orders/stray.parquet",
    ]);
  });
});

describe("a folder", () => {
  it("is searched in depth, in the byte order of paths; names that begin with _ or . and other files are left out", async () => {
    await using folder = await workFolder();
    await put(folder, "t/b.parquet", "t/a/deep/er/x.parq", "t/a/y.PARQUET", "t/no-suffix");
    await put(folder, "t/_temporary/x.parquet", "t/.hidden/x.parquet", "t/_x.parquet", "t/.x.parquet");
    await put(folder, "t/x.parquet.crc");
    await writeFile(join(folder.path, "t/notes.txt"), "no Parquet");
    await writeFile(join(folder.path, "t/README"), "neither is this");
    const expected = ["t/a/deep/er/x.parq", "t/a/y.PARQUET", "t/b.parquet", "t/no-suffix"];
    expect(await captureFiles(folder, "t")).toEqual(expected);
    expect(await captureFiles(folder, "t/", "--force")).toEqual(expected);
    expect(await captureFiles(folder, `file://${folder.path}/t`, "--force")).toEqual(expected);
  });

  it("may itself be hidden, since it was named", async () => {
    await using folder = await workFolder();
    await put(folder, "_staging/.run/x.parquet");
    expect(await captureFiles(folder, "_staging/.run")).toEqual(["_staging/.run/x.parquet"]);
  });

  it("with Hive folders gives partition values", async () => {
    await using folder = await workFolder();
    const path = "t/day=2026-03-01/shop=K%C3%B8ge/part.parquet";
    await put(folder, path, "t/day=2026-03-02/shop=__HIVE_DEFAULT_PARTITION__/part.parquet");
    await folder.run("capture", "t", "--out", "out");
    const { files } = await readOutput(join(folder.path, "out"));
    expect(files.map((file) => file.partitionDataJson)).toEqual([
      '{"partitionValues":[{"id":"day","value":"2026-03-01"},{"id":"shop","value":"Køge"}]}',
      '{"partitionValues":[{"id":"day","value":"2026-03-02"},{"id":"shop","value":null}]}',
    ]);
  });

  it("is followed through symbolic links, not in circles", async () => {
    await using folder = await workFolder();
    await put(folder, "elsewhere/x.parquet");
    await mkdir(join(folder.path, "t"));
    await symlink(join(folder.path, "elsewhere"), join(folder.path, "t/link"));
    await symlink(join(folder.path, "t"), join(folder.path, "t/circle"));
    expect(await captureFiles(folder, "t")).toEqual(["t/link/x.parquet"]);
  });
});

describe("globs and lists", () => {
  it("* stays in a folder, ** goes deeper, hidden names are met only by name", async () => {
    await using folder = await workFolder();
    await put(
      folder,
      "d/2026-01/a.parquet",
      "d/2026-02/a.parquet",
      "d/2027-01/a.parquet",
      "d/2026-01/x/b.parquet",
    );
    await put(folder, "d/2026-01/_c.parquet");
    expect(await captureFiles(folder, "d/2026-*/*.parquet")).toEqual([
      "d/2026-01/a.parquet",
      "d/2026-02/a.parquet",
    ]);
    expect(await captureFiles(folder, "d/**/b.parquet", "--force")).toEqual(["d/2026-01/x/b.parquet"]);
    expect(await captureFiles(folder, "d/2026-01/_*.parquet", "--force")).toEqual(["d/2026-01/_c.parquet"]);
  });

  it("files side by side are one table, each counted once", async () => {
    await using folder = await workFolder();
    await put(folder, "b.parquet", "a.parquet");
    expect(await captureTables(folder, "b.parquet", "a.parquet", "./b.parquet", "*.parquet")).toEqual([
      { format: "parquet", files: ["a.parquet", "b.parquet"] },
    ]);
    const { tables } = await readOutput(join(folder.path, ".out"));
    expect(tables).toMatchObject([{ dataFileCount: "2" }]);
  });

  it("table folders side by side are a table each, in one output", async () => {
    await using folder = await workFolder();
    await put(folder, "a.parquet");
    const tables = await captureTables(folder, DEMO_TABLE, "a.parquet", join(FIXTURES, "delta/types"));
    expect(tables.map((table) => [table.format, table.files.length])).toEqual([
      ["delta", 3],
      ["delta", 2],
      ["parquet", 1],
    ]);
    const out = await readOutput(join(folder.path, ".out"));
    expect(new Set(out.records.map((record) => record.tableId.id)).size).toBe(3);
    expect([out.tables.length, out.artifacts.length]).toEqual([3, 6]);
  });
});

describe("odd names", () => {
  const names = [
    "a b",
    "50%",
    "%20",
    "a#b?c=d&e",
    "é😀",
    "e\u0301",
    "a'b\"c",
    "[x]{y}*",
    "a\\b",
    "-",
    "t;$(x)",
  ];
  it.each(names)("a folder and a file named %j: paths are literal", async (name) => {
    await using folder = await workFolder();
    await put(folder, `${name}/${name}.parquet`);
    const path = `${name}/${name}.parquet`;
    expect(await captureFiles(folder, `./${name}`)).toEqual([path]);
    const out = await readOutput(join(folder.path, ".out"));
    const planned = `file://${folder.path}/${path}`;
    expect(out.files.map((file) => file.filePath)).toEqual([planned]);
    const [artifact] = out.artifacts;
    expect(artifact?.target.file.filePath).toBe(planned);
    expect(artifact?.artifactUri.split("/")).toHaveLength(9);
    expect(await captureFiles(folder, `./${path}`, "--force")).toEqual([path]);
  });

  it("08 §5.2: keys below --test-root are literal too; leaving the bucket is refused", async () => {
    await using folder = await workFolder();
    await put(folder, "root/bucket/a b/50%/x.parquet", "root/other/x.parquet");
    const [table] = await captureTables(folder, "s3://bucket/a b/50%", "--test-root", "root");
    expect(table?.files).toEqual(["s3://bucket/a b/50%/x.parquet"]);
    const outside = await folder.run("capture", "s3://bucket/../other/x.parquet", "--test-root", "root");
    expect(outside).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("Path traversal detected"),
    });
  });

  it("control characters of a name are never sent to the terminal", async () => {
    await using folder = await workFolder();
    await put(folder, "t/\u001b[31mred\u0007.parquet");
    await writeFile(join(folder.path, "t/\u001b]0;x\u0007bad.parquet"), "no Parquet at all");
    const { exitCode, stdout, stderr } = await folder.run("capture", "t");
    expect(exitCode).toBe(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(stdout).toContain("red");
    expect(stderr).toContain("bad.parquet");
  });
});

describe("--out", () => {
  it("may be nested and need not exist; nothing but the result is left", async () => {
    await using folder = await workFolder();
    await put(folder, "t/a.parquet");
    expect(await folder.run("capture", "t", "--out", "x/y/z")).toMatchObject({ exitCode: 0 });
    expect(await readdir(join(folder.path, "x/y"))).toEqual(["z"]);
  });

  it("inside the captured folder is not captured the next time, when it is named as such", async () => {
    await using folder = await workFolder();
    await put(folder, "t/a.parquet");
    for (const more of [[], ["--force"]]) {
      const result = await folder.run("capture", "t", "--out", "t/_floecat", "--json", ...more);
      expect(JSON.parse(result.stdout).tables[0].files).toHaveLength(1);
    }
    expect(nameOf(await readFile(join(folder.path, "t/_floecat/stats.ndjson"), "utf8").then(firstPath))).toBe(
      "a.parquet",
    );
  });
});

function firstPath(ndjson: string): string {
  const [line = ""] = ndjson.split("\n");
  const record: { target: { file: { filePath: string } } } = JSON.parse(line);
  return record.target.file.filePath;
}
