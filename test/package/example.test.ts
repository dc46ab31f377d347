/** The examples against the built package, as a project that depends on it has them. Needs a built dist/ with its types. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DEMO_TABLE, workFolder } from "../support/run-cli.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const file = join(DEMO_TABLE, "orders-2026-03-01.parquet");
let project: Awaited<ReturnType<typeof workFolder>>;

beforeAll(async () => {
  project = await workFolder();
  await mkdir(join(project.path, "node_modules/@types"), { recursive: true });
  await symlink(root, join(project.path, "node_modules/floecat-capture"), "junction");
  await symlink(
    join(root, "node_modules/@types/node"),
    join(project.path, "node_modules/@types/node"),
    "junction",
  );
  for (const name of await readdir(join(root, "examples"))) {
    await copyFile(join(root, "examples", name), join(project.path, name));
  }
});
afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

async function example(...args: readonly string[]) {
  try {
    const { stdout, stderr } = await run(process.execPath, ["page-rows.mjs", ...args], { cwd: project.path });
    return { exitCode: 0, stdout, stderr };
  } catch (error) {
    if (error instanceof Error && "code" in error && "stdout" in error && "stderr" in error) {
      return { exitCode: error.code, stdout: String(error.stdout), stderr: String(error.stderr) };
    }
    throw error;
  }
}

it("library: the example streams the page rows of a file", async () => {
  const { exitCode, stdout, stderr } = await example(file, "order_id");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^row group 0, page 0: rows 0 to \d+, \d+ to \d+$/);
  expect(lines.at(-1)).toMatch(
    new RegExp(`^${lines.length - 1} of ${lines.length - 1} pages, \\d+ of \\d+ bytes$`),
  );
});

it("library: the example skips pages that can't hold the value", async () => {
  const all = (await example(file, "order_id")).stdout;
  const [, low = "", high = ""] = /page 0: rows 0 to \d+, (\d+) to (\d+)/.exec(all) ?? [];
  const { stdout } = await example(file, "order_id", low, high);
  expect(stdout).toContain("(skipped)");
  expect(stdout).toMatch(/\n1 of \d+ pages/);
});

it("library: the example tells a damaged file and a missing one by their classes", async () => {
  await writeFile(join(project.path, "damaged.parquet"), "PAR1 cut short");
  expect(await example("damaged.parquet", "a")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^unreadable at offset \S+ \(column \?\): .*Parquet/),
  });
  expect(await example("missing.parquet", "a")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("missing.parquet"),
  });
});

it("library: the published types are sound and serve a strict project, checked without skipping any", async () => {
  await writeFile(
    join(project.path, "consumer.ts"),
    `import { type ByteSource, captureFile, type CaptureFileOptions, type PageIndexRow } from "floecat-capture";
import { AccessDeniedError, SourceMissingError, TransientReadError, UnreadableFileError } from "floecat-capture";

export async function pagesOf(source: ByteSource, options: CaptureFileOptions): Promise<PageIndexRow[]> {
  const rows: PageIndexRow[] = [];
  for await (const row of captureFile(source, options)) rows.push(row);
  return rows;
}
export const where: (error: UnreadableFileError) => number | undefined = (error) => error.offset;
export const retryable = (error: unknown): boolean =>
  error instanceof TransientReadError && !(error instanceof AccessDeniedError || error instanceof SourceMissingError);
// @ts-expect-error: rows are read-only
export const changed = (row: PageIndexRow) => (row.rowCount = 1);
`,
  );
  const compilerOptions = {
    ...{
      strict: true,
      noEmit: true,
      module: "nodenext",
      target: "es2024",
      lib: ["es2024", "esnext.disposable"],
    },
    ...{
      types: ["node"],
      allowJs: true,
      checkJs: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
    },
  };
  const files = ["page-rows.mjs", "consumer.ts"];
  await writeFile(join(project.path, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const tsc = join(root, "node_modules/typescript7/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", project.path]).catch((error: unknown) => ({
    stdout: error instanceof Error && "stdout" in error ? String(error.stdout) : String(error),
  }));
  expect(stdout).toBe("");
}, 60_000);
