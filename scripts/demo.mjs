// `npm run demo`: captures the Delta table in demo/orders and explains what came out.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "floecat-capture-demo");
const bin = join(root, "bin/floecat-capture.mjs");

function run(args, stdio) {
  const result = spawnSync(process.execPath, [bin, ...args], { cwd: root, stdio, encoding: "utf8" });
  if (result.status !== 0) {
    process.stderr.write(result.stderr ?? "");
    process.exit(result.status ?? 1);
  }
  return result.stdout;
}

console.log("$ floecat-capture capture demo/orders --out floecat-capture-demo --force\n");
run(["capture", "demo/orders", "--out", "floecat-capture-demo", "--force"], "inherit");

const artifacts = readFileSync(join(out, "artifacts.ndjson"), "utf8").trim().split("\n").map(JSON.parse);
const first = artifacts.find((artifact) =>
  artifact.target.file.filePath.endsWith("orders-2026-03-01.parquet"),
);
const sidecar = join(out, "sidecars", first.artifactUri.split("/").pop());
const { dataFile, pages } = JSON.parse(run(["inspect", sidecar, "--json"], "pipe"));
const shop = pages.filter((page) => page.column === "shop");
const placed = pages.filter((page) => page.column === "placed_at");
const page = placed[3];

console.log(`
What one page row means

  ${dataFile.split("/").pop()}, column placed_at, row group ${page.rowGroup}, page ${page.page}:
  rows ${page.firstRow} to ${Number(page.firstRow) + page.rows - 1} of the row group lie in the ${page.bytes} bytes at offset ${page.offset},
  and every value in them is between ${instant(page.bounds.min)} and ${instant(page.bounds.max)}.

  A query for the orders placed on 2026-03-01 between 06:00 and 07:00 needs ${overlapping(placed)} of the file's ${placed.length} placed_at pages;
  the others can be skipped without being read. The table has ${artifacts.length} such files, ${pages.length} page rows in this one
  (${shop.length} of them for shop).

Where things are

  ${relative(root, out)}/stats.ndjson       statistics: table, columns, files
  ${relative(root, out)}/artifacts.ndjson   one record a page-index sidecar
  ${relative(root, out)}/sidecars/          ${readdirSync(join(out, "sidecars")).length} sidecars, Parquet files with one row a page

Next

  npm run -s floecat-capture -- inspect floecat-capture-demo/stats.ndjson
  npm run -s floecat-capture -- inspect ${relative(root, sidecar)}`);

function instant(micros) {
  return new Date(Number(BigInt(micros) / 1000n)).toISOString();
}

function overlapping(rows) {
  const from = BigInt(Date.UTC(2026, 2, 1, 6)) * 1000n;
  const until = BigInt(Date.UTC(2026, 2, 1, 7)) * 1000n;
  return rows.filter((row) => BigInt(row.bounds.max) >= from && BigInt(row.bounds.min) < until).length;
}
