import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, it } from "vitest";
import { LOCAL_ACCOUNT, localTableId } from "../../src/cli/capture/sources.ts";
import { connectAdmin } from "../../src/control-plane/client.ts";
import type { Generation } from "../../src/model/index.ts";
import type { Service } from "../support/processes.ts";
import { DEMO_TABLE, FIXTURES, type WorkFolder, workFolder } from "../support/run-cli.ts";
import {
  type ControlPlaneService,
  captured,
  enqueue,
  expectSameResult,
  manyFiles,
  resultOf,
  startControlPlane,
  startWorker,
  watchTable,
} from "./loop.ts";

/**
 * A table that goes through control plane and worker comes out as `capture` writes it: FILE records, the roll-up that the
 * control plane makes of them or of the groups' partial aggregates (07 §10), artifacts, and sidecars byte by byte.
 */

const ICEBERG = join(FIXTURES, "iceberg");
const ICEBERG_JAVA = join(FIXTURES, "iceberg-java");
const TEST_ROOT = "fs.floecat.test-root";

const delta = (name: string) => join(FIXTURES, "delta", name);

/** Flags that both `enqueue` and `capture` take, and those of `enqueue` alone. */
const TABLES: readonly {
  readonly what: string;
  readonly table: string;
  readonly flags?: readonly string[];
  readonly grouping?: readonly string[];
}[] = [
  { what: "Delta, a file a group", table: DEMO_TABLE, grouping: ["--files-per-group", "1"] },
  { what: "Delta with distinct values", table: DEMO_TABLE, flags: ["--ndv"] },
  {
    what: "Delta with distinct values of chosen columns, in two groups",
    table: DEMO_TABLE,
    flags: ["--ndv", "--columns", "shop", "--columns", "amount"],
    grouping: ["--files-per-group", "2"],
  },
  { what: "an older Delta version", table: DEMO_TABLE, flags: ["--snapshot", "1"] },
  { what: "Delta, statistics alone", table: DEMO_TABLE, flags: ["--outputs", "table,file,column"] },
  { what: "Delta, page index alone", table: DEMO_TABLE, flags: ["--outputs", "page-index"] },
  { what: "partitioned Delta in two groups", table: delta("partitioned") },
  { what: "Delta of every type", table: delta("types"), flags: ["--ndv"] },
  { what: "Delta with columns mapped by name", table: delta("mapped_by_name"), flags: ["--ndv"] },
  { what: "Delta with columns mapped by id", table: delta("mapped_by_id") },
  // The page index of a lease goes by the files' own names (06 §2.2): `amount` is `qty` there, and the plan says so.
  {
    what: "a column of Delta mapped by name",
    table: delta("mapped_by_name"),
    flags: ["--columns", "amount"],
  },
  {
    // Where a table maps by id, its files may have any names: `capture` finds a column by its id, a lease can't name it.
    what: "a column of Delta with columns mapped by id, statistics alone",
    table: delta("mapped_by_id"),
    flags: ["--columns", "qty", "--outputs", "table,file,column"],
  },
  { what: "Delta with deletion vectors", table: delta("checkpoint_forms"), flags: ["--ndv"] },
];

/** Declares the tests of one generation. */
export function sameResultTests(generation: Generation): void {
  let folder: WorkFolder;
  let controlPlane: ControlPlaneService;
  let worker: Service;
  beforeAll(async () => {
    folder = await workFolder();
    controlPlane = await startControlPlane({ generation, data: join(folder.path, "data") });
    worker = startWorker(controlPlane.url, "--allow-local", "/", "--allow-test-root");
  });
  afterAll(async () => {
    await worker[Symbol.asyncDispose]();
    await controlPlane[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  // Inline has no place for them in what a group submits; COLUMN records are rolled up without (07 §6.7).
  const sketches = generation === "chunked";

  async function expectSame(jobId: string, table: string, ...flags: readonly string[]) {
    await watchTable(controlPlane.url, jobId);
    expectSameResult(
      await resultOf(controlPlane.url, jobId, folder),
      await captured(folder, table, generation, ...flags.filter((flag) => flag !== "--ndv" || sketches)),
    );
  }

  it.each(TABLES)("$what", async ({ what, table: original, flags = [], grouping = [] }) => {
    // A table of its own: what another capture of the same snapshot left would be there too (02 §7).
    const table = join(folder.path, what.replaceAll(/\W+/g, "-"));
    await cp(original, table, { recursive: true });
    const jobId = await enqueue(controlPlane.url, table, ...flags, ...grouping);
    await expectSame(jobId, table, ...flags);
  });

  it("bare Parquet in three groups", async () => {
    const table = await manyFiles(folder, 20);
    const jobId = await enqueue(controlPlane.url, table, "--ndv", "--columns", "shop");
    await expectSame(jobId, table, "--ndv", "--columns", "shop");
  });

  it.each([
    ["types_v2", ICEBERG],
    ["evolved", ICEBERG],
    ["deletes_v2", ICEBERG_JAVA],
    ["types_v3", ICEBERG_JAVA],
  ])("Iceberg: %s", async (name, testRoot) => {
    const table = `s3://fixtures/${name}`;
    const { jobId } = await connectAdmin(controlPlane.url).enqueue(
      {
        tableUri: table,
        properties: { [TEST_ROOT]: testRoot, "stats.ndv.enabled": "true" },
        accountId: LOCAL_ACCOUNT,
        tableId: localTableId(table),
      },
      { signal: AbortSignal.timeout(20_000) },
    );
    await expectSame(jobId, table, "--ndv", "--test-root", testRoot);
  });
}
