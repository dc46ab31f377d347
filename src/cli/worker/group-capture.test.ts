import { expect, test } from "vitest";
import { aFileResult, fakePool } from "../../../test/support/fake-pool.ts";
import { aFileGroup } from "../../../test/support/file-groups.ts";
import { DEMO_TABLE } from "../../../test/support/run-cli.ts";
import { type CaptureOutput, type Generation, systemClock } from "../../model/index.ts";
import { createLog } from "../../telemetry/index.ts";
import { groupCaptures } from "./group-capture.ts";

const ROOT = `file://${DEMO_TABLE}`;
const FILES = ["orders-2026-03-01.parquet", "orders-2026-03-02.parquet"].map((name) => `${ROOT}/${name}`);
const lease = { jobId: "job-1", leaseEpoch: "lease-1", accountId: "acct" };
const { signal } = new AbortController();

/** What the threads get to know beforehand of the files of a group that was prefetched. */
async function knownEnds(generation: Generation, outputs: readonly CaptureOutput[]) {
  const pool = fakePool(() => aFileResult());
  const groups = groupCaptures({
    pool,
    clock: systemClock,
    crc: "error",
    allowLocal: DEMO_TABLE,
    allowTestRoot: false,
    rules: {},
    ambientS3: {},
    log: createLog({ level: "silent", destination: process.stdout }),
  })(undefined);
  const base = aFileGroup({ generation, outputs: [...outputs], snapshotId: 1n });
  const properties = { "delta.source": "filesystem", "delta.table-root": ROOT };
  const group = { ...base, filePaths: FILES, connector: { ...base.connector, properties } };
  await groups.prefetch?.(group, { lease, signal });
  await groups.capture(group, { lease, signal, onProgress: () => {} });
  return pool.tasks.map(({ known }) => known);
}

test("the ends of the next group's files are read ahead, and its capture has them", async () => {
  const ends = await knownEnds("chunked", ["file"]);
  expect(ends.length).toBe(2);
  for (const end of ends) {
    expect(end?.bytes.length).toBe(65_536);
    expect(
      Buffer.from(end?.bytes ?? [])
        .toString("latin1")
        .slice(-4),
    ).toBe("PAR1");
  }
});

test("nothing is read ahead of a group whose statistics come from metadata alone", async () => {
  expect((await knownEnds("inline", ["file"])).every((end) => end === undefined)).toBe(true);
});
