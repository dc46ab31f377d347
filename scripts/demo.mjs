// `npm run demo`: a control plane and two workers capture the Delta table in demo/orders; then one page row is explained.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "floecat-capture-demo");
const bin = join(root, "bin/floecat-capture.mjs");
const data = mkdtempSync(join(tmpdir(), "floecat-capture-demo-"));
const READY_TIMEOUT_MS = 10_000;
const running = [];

/** Starts a command that goes on, and resolves with its first log line that says it is ready. */
function start(args) {
  const child = spawn(process.execPath, [bin, ...args], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise((done) => child.once("exit", done));
  running.push({ child, exited });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${args[0]} did not get ready`)), READY_TIMEOUT_MS);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const entry = JSON.parse(line);
      if (!entry.msg.endsWith(" ready")) return;
      clearTimeout(timer);
      resolve(entry);
    });
    exited.then((code) => reject(new Error(`${args[0]} ended with exit code ${code}`)));
  });
}

function run(args, stdio) {
  const result = spawnSync(process.execPath, [bin, ...args], { cwd: root, stdio, encoding: "utf8" });
  if (result.status !== 0)
    throw new Error(`${args[0]} ended with exit code ${result.status}\n${result.stderr ?? ""}`);
  return result.stdout;
}

async function stopAll() {
  for (const { child } of running.reverse()) child.kill("SIGTERM");
  await Promise.all(running.map(({ exited }) => exited));
  rmSync(data, { recursive: true, force: true });
}

try {
  console.log("$ floecat-capture control-plane");
  const { url } = await start(["control-plane", "--listen", "127.0.0.1:0", "--data", data]);
  for (const instance of ["1", "2"]) {
    console.log(`$ floecat-capture worker --control-plane ${url} --allow-local demo --instance ${instance}`);
    await start([
      "worker",
      "--control-plane",
      url,
      "--allow-local",
      "demo",
      "--instance",
      instance,
      "--threads",
      "1",
    ]);
  }
  console.log(
    "$ floecat-capture enqueue demo/orders --files-per-group 1 --wait --out floecat-capture-demo --force\n",
  );
  const table = ["enqueue", "demo/orders", "--control-plane", url, "--files-per-group", "1"];
  run([...table, "--wait", "--out", "floecat-capture-demo", "--force"], "inherit");
} finally {
  await stopAll();
}

const artifacts = readFileSync(join(out, "artifacts.ndjson"), "utf8").trim().split("\n").map(JSON.parse);
const first = artifacts.find((artifact) =>
  artifact.target.file.filePath.endsWith("orders-2026-03-01.parquet"),
);
const sidecar = join(out, "sidecars", first.artifactUri.split("/").pop());
const { dataFile, pages } = JSON.parse(run(["inspect", sidecar, "--json"], "pipe"));
const shop = pages.filter((page) => page.column === "shop");
const placed = pages.filter((page) => page.column === "placed_at");
const page = placed[1];

console.log(`
What one page row means

  ${dataFile.split("/").pop()}, column placed_at, row group ${page.rowGroup}, page ${page.page}:
  rows ${page.firstRow} to ${Number(page.firstRow) + page.rows - 1} of that row group lie in the ${page.bytes} bytes at offset ${page.offset},
  and every value in them is between ${instant(page.bounds.min)} and ${instant(page.bounds.max)}.

  A query for the orders placed on 2026-03-01 between 06:00 and 07:00 needs ${overlapping(placed)} of the file's ${placed.length} placed_at pages;
  the others can be skipped without being read. This file has ${pages.length} page rows, ${shop.length} of them for shop.

Where things are

  ${relative(root, out)}/stats.ndjson       statistics: files, table, columns
  ${relative(root, out)}/artifacts.ndjson   one record a page-index sidecar
  ${relative(root, out)}/sidecars/          ${readdirSync(join(out, "sidecars")).length} sidecars, Parquet files with one row a page

Next

  npm run -s floecat-capture -- inspect floecat-capture-demo/stats.ndjson
  npm run -s floecat-capture -- inspect ${relative(root, sidecar)}
  npm run -s floecat-capture -- capture demo/orders`);

function instant(micros) {
  return new Date(Number(BigInt(micros) / 1000n)).toISOString();
}

function overlapping(rows) {
  const from = BigInt(Date.UTC(2026, 2, 1, 6)) * 1000n;
  const until = BigInt(Date.UTC(2026, 2, 1, 7)) * 1000n;
  return rows.filter((row) => BigInt(row.bounds.max) >= from && BigInt(row.bounds.min) < until).length;
}
