import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { captureWholeTable, deltaTable, icebergTable } from "../../test/support/capture-table.ts";
import { fakePool } from "../../test/support/fake-pool.ts";
import { createCapturePool } from "./pool.ts";

/** Statistics without page index or distinct values read footers alone, or nothing: never a data page. */

const STATISTICS = ["table", "file", "column"] as const;
const FOOTER_GUESS = 64 * 1024;
const local = { local: { kind: "anywhere" } } as const;
const fixtures = fileURLToPath(new URL("../../test/fixtures/data/iceberg", import.meta.url));
const demo = fileURLToPath(new URL("../../demo/orders", import.meta.url));

const pool = createCapturePool({ threads: 1 });
afterAll(() => pool.close());

test.each(["chunked", "inline"] as const)(
  "%s: each file of a Delta table costs one read of its end",
  async (generation) => {
    const { outcomes } = await captureWholeTable({
      connector: deltaTable(demo),
      store: local,
      pool,
      generation,
      outputs: STATISTICS,
    });
    expect(outcomes.length).toBeGreaterThan(1);
    for (const outcome of outcomes) {
      const size = statSync(fileURLToPath(outcome.file.path)).size;
      expect(size).toBeGreaterThan(FOOTER_GUESS);
      expect(outcome).toMatchObject({ ok: true, requests: 1, bytesRead: FOOTER_GUESS });
    }
  },
);

test("chunked: each data file of an Iceberg table costs one read, for the widths", async () => {
  const { outcomes } = await captureWholeTable({
    connector: icebergTable("s3://fixtures/partitioned"),
    store: { ...local, testRoot: fixtures },
    pool,
    outputs: STATISTICS,
  });
  expect(outcomes.length).toBeGreaterThan(1);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: true, requests: 1 });
});

test("inline: no file of an Iceberg table is opened", async () => {
  const untouched = fakePool(() => {
    throw new Error("a file was to be opened");
  });
  const { outcomes, rolledUp } = await captureWholeTable({
    connector: icebergTable("s3://fixtures/partitioned"),
    store: { ...local, testRoot: fixtures },
    pool: untouched,
    generation: "inline",
    outputs: STATISTICS,
  });
  expect(untouched.tasks).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(1);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: true, requests: 0, bytesRead: 0 });
  expect(rolledUp.length).toBeGreaterThan(1);
});
