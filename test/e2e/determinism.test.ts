import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type CapturePool, createCapturePool } from "../../src/capture/index.ts";
import type { Generation, SourceConnector } from "../../src/model/index.ts";
import { loadRecordCodec } from "../../src/protocol/index.ts";
import { captureWholeTable, deltaTable, icebergTable, parquetTable } from "../support/capture-table.ts";
import { DEMO_TABLE, FIXTURES } from "../support/run-cli.ts";

/** Given the same clock, a capture gives the same bytes at any number of threads, records and sidecars alike. */

const ICEBERG_ROOT = join(FIXTURES, "iceberg");

const TABLES: readonly (readonly [string, SourceConnector])[] = [
  ["demo/orders", deltaTable(DEMO_TABLE)],
  ["delta/partitioned", deltaTable(join(FIXTURES, "delta/partitioned"))],
  ["iceberg/partitioned", icebergTable("s3://fixtures/partitioned")],
  ["all fixtures of delta/partitioned as bare Parquet", parquetTable(join(FIXTURES, "delta/partitioned"))],
];

// Starting a thread takes longer than a capture does here.
const pools = [1, 2, 3].map((threads) => createCapturePool({ threads }));

afterAll(async () => {
  for (const pool of pools) await pool.close();
});

/** Everything that a capture gives, in order, as bytes in hex. */
async function bytesOf(
  connector: SourceConnector,
  generation: Generation,
  pool: CapturePool,
): Promise<readonly string[]> {
  const store = { local: { kind: "anywhere" }, testRoot: ICEBERG_ROOT } as const;
  const codec = await loadRecordCodec(generation);
  const { outcomes, rolledUp } = await captureWholeTable({ connector, store, pool, generation, ndv: true });
  const all: Uint8Array[] = [];
  for (const outcome of outcomes) {
    if (!outcome.ok) throw outcome.error;
    if (outcome.record !== undefined) all.push(codec.statsToBytes(outcome.record));
    if (outcome.artifact !== undefined) {
      all.push(codec.artifactToBytes(outcome.artifact.record), outcome.artifact.content);
    }
  }
  all.push(...rolledUp.map((record) => codec.statsToBytes(record)));
  return all.map((bytes) => Buffer.from(bytes).toString("hex"));
}

describe.each(["chunked", "inline"] as const)("%s", (generation) => {
  test.each(TABLES)("%s: one, two and three threads", async (_, connector) => {
    const [pool] = pools;
    if (pool === undefined) throw new Error("there are no capture threads");
    const one = await bytesOf(connector, generation, pool);
    expect(one.length).toBeGreaterThan(4);
    for (const other of pools) expect(await bytesOf(connector, generation, other)).toEqual(one);
  });
});
