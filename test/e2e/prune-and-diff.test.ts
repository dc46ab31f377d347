import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { DEMO_TABLE, workFolder } from "../support/run-cli.ts";

const pruned = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      rowsLeft: z.number(),
      rowGroups: z.array(
        z.object({ rowGroup: z.number(), ranges: z.array(z.tuple([z.number(), z.number()])) }),
      ),
      undecided: z.array(z.string()),
    }),
  ),
  totals: z.object({ files: z.number(), filesLeft: z.number(), pages: z.number(), pagesLeft: z.number() }),
});

it("prune: a filter on time leaves one file and the pages of its hour", async () => {
  await using folder = await workFolder();
  await folder.run("capture", DEMO_TABLE, "--out", "captured");
  const filter = "placed_at >= '2026-03-01 06:00:00' and placed_at < '2026-03-01 07:00:00'";
  const { exitCode, stdout, stderr } = await folder.run("prune", "captured", filter, "--json");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  const { files, totals } = pruned.parse(JSON.parse(stdout));
  expect(totals).toMatchObject({ files: 3, filesLeft: 1, pages: 96, pagesLeft: 10 });
  const [left] = files.filter(({ rowsLeft }) => rowsLeft > 0);
  expect(left?.path).toMatch(/orders-2026-03-01\.parquet$/);
  expect(left?.rowGroups).toEqual([
    { rowGroup: 0, ranges: [[1024, 2048]] },
    { rowGroup: 1, ranges: [] },
  ]);
  const text = await folder.run("prune", "captured", filter);
  expect(text.stdout).toContain("skipped: 2 of 3 files, 89 % of the pages");
});

it("prune: without statistics the integers are read as the data file's footer says", async () => {
  await using folder = await workFolder();
  await folder.run("capture", DEMO_TABLE, "--outputs", "page-index", "--out", "captured");
  const { stdout, stderr } = await folder.run("prune", "captured", "due > '2027-01-01'", "--json");
  expect(stderr).toBe("");
  expect(pruned.parse(JSON.parse(stdout)).totals).toMatchObject({ filesLeft: 0, pagesLeft: 0 });
});

it("prune: what can't be decided is said, and leaves every page", async () => {
  await using folder = await workFolder();
  await folder.run("capture", DEMO_TABLE, "--out", "captured");
  const { exitCode, stderr, stdout } = await folder.run("prune", "captured", "nosuch = 3", "--json");
  expect(exitCode).toBe(0);
  expect(stderr).toBe("not decided: nosuch has no page index here\n");
  expect(pruned.parse(JSON.parse(stdout)).totals).toMatchObject({ pages: 96, pagesLeft: 96 });
  const wrong = await folder.run("prune", "captured", "shop = ");
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain("predicate, character 8");
  const elsewhere = await folder.run("prune", DEMO_TABLE, "shop = 'Oslo'");
  expect(elsewhere.exitCode).toBe(2);
  expect(elsewhere.stderr).toContain("is not the result of a capture");
});

it("diff: two captures of a table are the same, whatever the threads", async () => {
  await using folder = await workFolder();
  await folder.run("capture", DEMO_TABLE, "--out", "a", "--threads", "1");
  await folder.run("capture", DEMO_TABLE, "--out", "b", "--threads", "2");
  const { exitCode, stdout } = await folder.run("diff", "a", "b");
  expect(stdout).toBe(
    "statistics: 13 the same, 0 differ, 0 only on the left, 0 only on the right\n" +
      "page indexes: 3 the same, 0 differ, 0 only on the left, 0 only on the right\n",
  );
  expect(exitCode).toBe(0);
});

it("diff: names the field that differs and the record that is missing", async () => {
  await using folder = await workFolder();
  await folder.run("capture", DEMO_TABLE, "--out", "a");
  await cp(join(folder.path, "a"), join(folder.path, "b"), { recursive: true });
  const stats = join(folder.path, "b/stats.ndjson");
  const [first = "", second = "", ...rest] = (await readFile(stats, "utf8")).trim().split("\n");
  expect(second).toContain('"file"');
  await writeFile(stats, [first.replace('"max":"Łódź"', '"max":"Zürich"'), ...rest].join("\n"));
  const { exitCode, stdout } = await folder.run("diff", "a", "b");
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(
    /^file file:.*orders-2026-03-03\.parquet\n {2}file\.columns\[163346784410054118\]\.scalar\.max: Łódź → Zürich\n/,
  );
  expect(stdout).toContain("  only on the left\n");
  const json = z
    .object({ equal: z.boolean() })
    .parse(JSON.parse((await folder.run("diff", "a", "b", "--json")).stdout));
  expect(json.equal).toBe(false);
});

it("diff: sidecars of other pages are told page by page", async () => {
  await using folder = await workFolder();
  await folder.run("capture", DEMO_TABLE, "--out", "a", "--outputs", "page-index");
  await folder.run("capture", DEMO_TABLE, "--out", "b", "--outputs", "page-index", "--columns", "shop");
  const { exitCode, stdout } = await folder.run("diff", "a", "b", "--limit", "0");
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/column amount, row group 0, page 0\n {2}is there → \(none\)/);
  expect(stdout).not.toContain("column shop,");
});
