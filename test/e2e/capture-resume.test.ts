import { cp, mkdir, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readOutput } from "../support/capture-output.ts";
import { DEMO_TABLE, startCli, type WorkFolder, workFolder } from "../support/run-cli.ts";

const JOURNAL = ".out.resume/journal.ndjson";

/** Copies of the demo's first file, as a folder of bare Parquet. */
async function lake(folder: WorkFolder, files: number): Promise<string> {
  const path = join(folder.path, "lake");
  await mkdir(path);
  for (let i = 0; i < files; i++) {
    await cp(
      join(DEMO_TABLE, "orders-2026-03-01.parquet"),
      join(path, `part-${String(i).padStart(3, "0")}.parquet`),
    );
  }
  return path;
}

async function everyFile(folder: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const paths = names.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return new Map(
    await Promise.all(paths.map(async (path) => [path.slice(folder.length), await readFile(path)] as const)),
  );
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

it("capture --resume: after an interruption the same command goes on, with the same result", async () => {
  await using folder = await workFolder();
  await lake(folder, 120);
  const args = ["capture", "lake", "--out", "out", "--resume", "--threads", "1", "--ndv"];
  const running = startCli(args, { cwd: folder.path });
  // Some files are kept, and some are not captured yet.
  await expect
    .poll(
      async () => (await readFile(join(folder.path, JOURNAL), "utf8").catch(() => "")).split("\n").length,
      {
        timeout: 20_000,
        interval: 5,
      },
    )
    .toBeGreaterThan(6);
  running.process.kill("SIGKILL");
  await running.result;
  const journal = join(folder.path, JOURNAL);
  // As if the machine had gone down in the middle of a write.
  await truncate(journal, (await stat(journal)).size - 7);
  const before = (await readFile(journal, "utf8")).split("\n").length - 2;
  expect(before).toBeGreaterThan(3);
  expect(await exists(join(folder.path, "out"))).toBe(false);

  const resumed = await folder.run(...args);
  expect(resumed.stderr).toBe(`resuming: ${before} files were captured before\n`);
  expect(resumed.exitCode).toBe(0);
  expect(await exists(join(folder.path, ".out.resume"))).toBe(false);
  await folder.run(...args.slice(0, 2), "--out", "fresh", "--ndv");
  const [left, right] = [
    await readOutput(join(folder.path, "out")),
    await readOutput(join(folder.path, "fresh")),
  ];
  expect(left.timeless).toBe(right.timeless);
  expect(left.sidecars).toEqual(right.sidecars);
  const times = new Set(left.artifacts.map(({ createdAt }) => createdAt));
  expect(times.size).toBe(1);
}, 60_000);

it("capture --resume: files that failed are tried again, the others are not read; a file that changed is", async () => {
  await using folder = await workFolder();
  const path = await lake(folder, 3);
  const good = await readFile(join(path, "part-001.parquet"));
  await writeFile(join(path, "part-001.parquet"), good.subarray(0, good.length - 5));
  const first = await folder.run("capture", "lake", "--out", "out", "--resume");
  expect(first.exitCode).toBe(1);
  await writeFile(join(path, "part-001.parquet"), good);
  await cp(join(DEMO_TABLE, "orders-2026-03-02.parquet"), join(path, "part-002.parquet"));
  const second = await folder.run("capture", "lake", "--out", "out", "--resume", "--force");
  expect(second.stderr).toBe("resuming: 2 files were captured before\n");
  expect(second.exitCode).toBe(0);
  await folder.run("capture", "lake", "--out", "fresh");
  const [left, right] = [
    await readOutput(join(folder.path, "out")),
    await readOutput(join(folder.path, "fresh")),
  ];
  expect(left.timeless).toBe(right.timeless);
});

it("capture --resume: other choices begin anew; without it nothing is kept", async () => {
  await using folder = await workFolder();
  const path = await lake(folder, 2);
  await writeFile(join(path, "bad.parquet"), "no Parquet");
  await folder.run("capture", "lake", "--out", "out", "--resume");
  // The journal and two sidecars.
  expect((await everyFile(join(folder.path, ".out.resume"))).size).toBe(3);
  const other = await folder.run(
    "capture",
    "lake",
    "--out",
    "out",
    "--resume",
    "--force",
    "--outputs",
    "file",
  );
  expect(other.stderr).not.toContain("resuming");
  await folder.run("capture", "lake", "--out", "plain");
  expect(await exists(join(folder.path, ".plain.resume"))).toBe(false);
});
