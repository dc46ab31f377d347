/** The job store: what survives a restart, and what it refuses to open. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import {
  ACCOUNT,
  artifact,
  fileRecord,
  fileResult,
  leaseOf,
  seed,
  start,
  tablePartial,
  temporaryFolder,
} from "../../../test/support/control-plane/harness.ts";
import { UsageError } from "../../model/index.ts";
import { openJobStore } from "./store.ts";

const clock = { nowMs: () => 1_700_000_000_000 };
const KEY = { accountId: ACCOUNT, tableId: "table-1", snapshotId: 55n };

describe("restart", () => {
  it("a running group goes on with its lease, its staged chunk and its sidecar", async () => {
    const first = await start("chunked");
    seed(first);
    const epoch = await first.leaseGroup();
    const chunk = {
      result_id: "r",
      stats_records: [fileRecord(), tablePartial(3)],
      index_artifacts: [artifact()],
    };
    await first.call("SubmitLeasedFileGroupExecutionResult", { ...leaseOf(epoch), chunk });
    await first.close();

    const { dataDir } = first;
    const second = await start("chunked", { dataDir, clock: first.clock });
    expect((await second.call("RenewReconcileLease", leaseOf(epoch))).response.renewed).toBe(true);
    const success = { result_id: "r", chunk_count: 1, file_results: [fileResult()] };
    const answer = await second.call("SubmitLeasedFileGroupExecutionResult", { ...leaseOf(epoch), success });
    expect(answer.response).toEqual({ accepted: true });
    await second.maintenance.runExecutors();
    expect(second.job("root").state).toBe("succeeded");
    expect(second.store.statistics.all(KEY, "")).toHaveLength(2);
    const [stored] = second.store.statistics.artifacts(KEY);
    expect(stored).toBeDefined();
    const uri = artifactUri();
    expect(Buffer.from((await second.store.blobs.read(uri)) ?? []).toString()).toBe("sidecar");
  });

  it("a submit that a crash cut short doesn't block its id", async () => {
    const first = await start("chunked");
    seed(first);
    const key = { accountId: ACCOUNT, operation: "SubmitLeasedFileGroupExecutionResult", key: "job-1:r" };
    first.store.idempotency.put(key, {
      fingerprint: "x",
      state: "pending",
      payload: new Uint8Array(),
      expiresAtMs: first.clock.nowMs() + 900_000,
    });
    await first.close();
    const second = await start("chunked", { dataDir: first.dataDir, clock: first.clock });
    expect(second.store.idempotency.get(key)).toBeUndefined();
  });
});

function artifactUri(): string {
  const { record } = artifact();
  return typeof record === "object" && record !== null ? String(Reflect.get(record, "artifact_uri")) : "";
}

describe("opening", () => {
  it("refuses a file of a newer schema by its version", async () => {
    const dataDir = await temporaryFolder();
    openJobStore({ dataDir, generation: "chunked", clock }).close();
    const db = new DatabaseSync(join(dataDir, "control-plane.sqlite"));
    db.exec("PRAGMA user_version = 99");
    db.close();
    expect(() => openJobStore({ dataDir, generation: "chunked", clock })).toThrow(UsageError);
    expect(() => openJobStore({ dataDir, generation: "chunked", clock })).toThrow(/schema version 99/);
  });

  it("refuses a file of the other generation", async () => {
    const dataDir = await temporaryFolder();
    openJobStore({ dataDir, generation: "inline", clock }).close();
    expect(() => openJobStore({ dataDir, generation: "chunked", clock })).toThrow(/holds jobs of the inline/);
  });

  it("refuses a file that another control plane has open", async () => {
    const dataDir = await temporaryFolder();
    const store = openJobStore({ dataDir, generation: "inline", clock });
    expect(() => openJobStore({ dataDir, generation: "inline", clock })).toThrow(/in use by another/);
    store.close();
    openJobStore({ dataDir, generation: "inline", clock }).close();
  });
});

describe("blobs", () => {
  it.each(["../../etc/passwd", "/accounts/a/../b", "s3://bucket/x", "a\0b", ""])(
    "key %j stays in the folder",
    async (key) => {
      const dataDir = await temporaryFolder();
      const store = openJobStore({ dataDir, generation: "chunked", clock });
      await store.blobs.write(key, Buffer.from("content"), "text/plain");
      const files = await readdir(join(dataDir, "blobs"), { recursive: true, withFileTypes: true });
      const [file, ...others] = files.filter((entry) => entry.isFile());
      expect(others).toEqual([]);
      expect(file?.name).toMatch(/^[0-9a-f]{64}$/);
      expect(await readFile(join(file?.parentPath ?? "", file?.name ?? ""), "utf8")).toBe("content");
      expect(Buffer.from((await store.blobs.read(key)) ?? []).toString()).toBe("content");
      store.close();
    },
  );

  it("02 §5.3: one leading slash is no part of a key", async () => {
    const store = openJobStore({ dataDir: await temporaryFolder(), generation: "chunked", clock });
    await store.blobs.write("/a/b", Buffer.from("x"), "");
    expect(store.blobs.stat("a/b")).toBeDefined();
    expect(store.blobs.stat("//a/b")).toBeUndefined();
    store.close();
  });

  it("those that nothing speaks of are swept, once no submit can still mean them", async () => {
    const harness = await start("chunked");
    seed(harness);
    const epoch = await harness.leaseGroup();
    const chunk = { result_id: "r", index_artifacts: [artifact()] };
    await harness.call("SubmitLeasedFileGroupExecutionResult", { ...leaseOf(epoch), chunk });
    await harness.store.blobs.write("orphan", Buffer.from("x"), "");
    await harness.clock.advance(800_000);
    await harness.maintenance.tick();
    expect(harness.store.blobs.stat("orphan")).toBeDefined();
    await harness.clock.advance(200_000);
    await harness.maintenance.tick();
    expect(harness.store.blobs.stat("orphan")).toBeUndefined();
    expect(harness.store.blobs.stat(artifactUri())).toBeDefined();
  });
});

it("02 §2: finished jobs are forgotten after their time, with everything below them; statistics stay", async () => {
  const harness = await start("chunked", { limits: { finishedJobRetentionMs: 100_000 } });
  seed(harness);
  const epoch = await harness.leaseGroup();
  const submit = (outcome: object) =>
    harness.call("SubmitLeasedFileGroupExecutionResult", { ...leaseOf(epoch), ...outcome });
  await submit({ chunk: { result_id: "r", stats_records: [fileRecord()] } });
  await submit({ success: { result_id: "r", chunk_count: 1, file_results: [fileResult()] } });
  await harness.maintenance.runExecutors();
  await harness.clock.advance(90_000);
  await harness.maintenance.tick();
  expect(harness.job("root").state).toBe("succeeded");
  await harness.clock.advance(120_000);
  await harness.maintenance.tick();
  for (const jobId of ["root", "parent", "job-1"]) expect(harness.store.jobs.get(jobId)).toBeUndefined();
  expect(harness.store.results.plan("parent")).toEqual([]);
  expect(harness.store.statistics.all(KEY, "")).toHaveLength(1);
});
