/** docs/json-output.md against what the built command prints: every field that it names, and no other. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startControlPlane, startWorker } from "../leased/loop.ts";
import { DEMO_TABLE, workFolder } from "../support/run-cli.ts";

const text = await readFile(join(import.meta.dirname, "../../docs/json-output.md"), "utf8");

function shapeOf(heading: string): unknown {
  const section = text.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const block = /^```json\n(.*?)^```/ms.exec(section)?.[1];
  if (block === undefined) throw new Error(`docs/json-output.md shows nothing for ${heading}`);
  return JSON.parse(block);
}

const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  any: () => true,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  int64: (value) => typeof value === "string" && /^-?\d+$/.test(value),
  time: (value) => typeof value === "string" && new Date(value).toISOString() === value,
};

/** Where a value is otherwise than shown. */
function differences(shape: unknown, value: unknown, at = "$"): string[] {
  if (typeof shape === "string") {
    const fits = shape.split("|").some((kind) => KINDS[kind]?.(value) === true);
    return fits ? [] : [`${at}: ${JSON.stringify(value)} is no ${shape}`];
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${at} is no list`];
    return value.flatMap((entry: unknown, index) => differences(shape[0], entry, `${at}[${index}]`));
  }
  if (typeof shape !== "object" || shape === null) return [`${at}: no such shape`];
  if (typeof value !== "object" || value === null) return [`${at} is no object`];
  const fields = new Map(Object.entries(value));
  const wrong = Object.entries(shape).flatMap(([shown, inner]) => {
    const name = shown.replace(/\?$/, "");
    if (!fields.has(name)) return shown === name ? [`${at}.${name} is missing`] : [];
    const found = differences(inner, fields.get(name), `${at}.${name}`);
    fields.delete(name);
    return found;
  });
  return [...wrong, ...[...fields.keys()].map((name) => `${at}.${name} is not shown`)];
}

function expectShape(heading: string, stdout: string): void {
  expect(differences(shapeOf(heading), JSON.parse(stdout)), heading).toEqual([]);
}

it("json output: commands on captures print what docs/json-output.md shows", async () => {
  await using folder = await workFolder();
  const run = async (...args: readonly string[]) => (await folder.run(...args, "--json")).stdout;
  expectShape("capture", await run("capture", DEMO_TABLE, "--out", "one"));
  await run("capture", DEMO_TABLE, "--out", "two", "--columns", "amount");
  expectShape("prune", await run("prune", "one", "amount < 3"));
  const diff = await run("diff", "one", "two");
  expect(JSON.parse(diff).pages).not.toEqual([]);
  expectShape("diff", diff);
  const file = join(DEMO_TABLE, "orders-2026-03-01.parquet");
  expectShape("inspect: a Parquet file", await run("inspect", file));
  expectShape("inspect: a Parquet file", await run("inspect", file, "--pages"));
  const [sidecar = ""] = await readdir(join(folder.path, "one/sidecars"));
  expectShape("inspect: a sidecar", await run("inspect", `one/sidecars/${sidecar}`));
  expectShape("doctor", await run("doctor", "--control-plane", "http://127.0.0.1:1"));
  expectShape("config", await run("config"));
}, 60_000);

it("json output: commands on a control plane print what docs/json-output.md shows", async () => {
  await using folder = await workFolder();
  await using controlPlane = await startControlPlane({
    generation: "chunked",
    data: join(folder.path, "cp"),
  });
  await using _worker = startWorker(controlPlane.url, "--allow-local", DEMO_TABLE);
  const run = async (...args: readonly string[]) =>
    (await folder.run(...args, "--json", "--control-plane", controlPlane.url)).stdout;
  expectShape("enqueue", await run("enqueue", DEMO_TABLE));
  const done = await run("enqueue", DEMO_TABLE, "--wait");
  expectShape("enqueue", done);
  const { jobId, table } = JSON.parse(done);
  const { tables } = Object(shapeOf("capture"));
  expect(differences(tables, [table])).toEqual([]);
  const jobs = await run("jobs", "list");
  expect(JSON.parse(jobs).length).toBeGreaterThan(3);
  expectShape("jobs list", jobs);
  const { descendants, ...shown } = JSON.parse(await run("jobs", "show", jobId));
  expect(differences(shapeOf("jobs list"), [shown, ...descendants])).toEqual([]);
  const { groups, ...watched } = JSON.parse(await run("jobs", "watch", jobId));
  expect(differences(shapeOf("jobs list"), [watched])).toEqual([]);
  expect(groups).toEqual({ total: 1, succeeded: 1, failed: 0 });
  expectShape("jobs cancel", await run("jobs", "cancel", jobId));
  expectShape("jobs retry", await run("jobs", "retry", jobId));
}, 60_000);
