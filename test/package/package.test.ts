/** The package as it is published: what is in it, and that it installs and runs where nothing else is. Needs a built dist/. */
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { z } from "zod";
import { DEMO_TABLE, workFolder } from "../support/run-cli.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const shell = process.platform === "win32";

const packed = z
  .array(
    z.object({
      filename: z.string(),
      unpackedSize: z.number(),
      files: z.array(z.object({ path: z.string(), size: z.number() })),
    }),
  )
  .length(1);

async function pack(...args: readonly string[]) {
  const { stdout } = await run(npm, ["pack", "--json", "--ignore-scripts", ...args], { cwd: root, shell });
  // One version of npm answers a list, a later one an object by name.
  const answer: unknown = JSON.parse(stdout);
  const list = Array.isArray(answer)
    ? answer
    : Object.values(z.record(z.string(), z.unknown()).parse(answer));
  const [only] = packed.parse(list);
  if (only === undefined) throw new Error("npm pack made nothing");
  return only;
}

it("package: holds what a user needs and nothing else, in less than 3 MB", async () => {
  const { files, unpackedSize } = await pack("--dry-run");
  const paths = files.map(({ path }) => path);
  const others = paths.filter((path) => !/^dist\/.+\.(mjs|d\.ts)$/.test(path)).sort();
  expect(others).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "NOTICE",
    "README.md",
    "bin/floecat-capture.mjs",
    "dist/THIRD-PARTY-NOTICES.txt",
    "dist/kernels.wasm",
    "dist/status-page/index.html",
    "dist/status-page/page.css",
    "dist/status-page/page.js",
    "examples/page-rows.mjs",
    "package.json",
  ]);
  expect(paths).toContain("dist/index.d.ts");
  expect(paths).toContain("dist/index.mjs");
  expect(unpackedSize).toBeLessThan(3_000_000);
});

it("package: installs from the tarball into an empty folder, runs, and serves as a library", async () => {
  await using folder = await workFolder();
  const { filename } = await pack("--pack-destination", folder.path);
  const project = join(folder.path, "project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), '{ "private": true, "type": "module" }');
  const install = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  await run(npm, [...install, join(folder.path, filename)], { cwd: project, shell });
  const bin = join(project, "node_modules/floecat-capture/bin/floecat-capture.mjs");
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(root, "package.json"), "utf8")));
  expect((await run(process.execPath, [bin, "--version"], { cwd: project })).stdout).toBe(`${version}\n`);
  const capture = await run(process.execPath, [bin, "capture", DEMO_TABLE], { cwd: project });
  expect(capture.stdout).toContain("written to ./floecat-capture-out");
  const file = JSON.stringify(join(DEMO_TABLE, "orders-2026-03-01.parquet"));
  await writeFile(
    join(project, "pages.mjs"),
    `import { captureFile } from "floecat-capture";
let pages = 0;
for await (const page of captureFile(${file})) pages += page.rowCount > 0 ? 1 : 0;
console.log(pages);`,
  );
  expect((await run(process.execPath, ["pages.mjs"], { cwd: project })).stdout).toBe("32\n");
}, 180_000);

const lockfile = z.object({
  packages: z.record(z.string(), z.object({ license: z.string().optional(), dev: z.boolean().optional() })),
});

/** Licences that ask for no more than being named. */
const ALLOWED = new Set([
  "MIT",
  "Apache-2.0",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "BlueOak-1.0.0",
]);

it("package: everything that is installed or bundled has a licence that allows it", async () => {
  const { packages } = lockfile.parse(JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")));
  const installed = Object.entries(packages).filter(([path, { dev }]) => path !== "" && dev !== true);
  const notices = await readFile(join(root, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
  const bundled = [...notices.matchAll(/^(\S+) \d\S*\nLicence: (.*)$/gm)].map(
    ([, name = "", license = ""]) => [name, license],
  );
  expect(bundled.length).toBeGreaterThan(10);
  const all = [...installed.map(([path, { license = "none" }]) => [path, license]), ...bundled];
  const refused = all.filter(([, license = ""]) =>
    license.split(/[() ]+(?:AND|OR)?[() ]*/).some((part) => part !== "" && !ALLOWED.has(part)),
  );
  expect(refused).toEqual([]);
});
