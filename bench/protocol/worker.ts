/** A worker of a scenario, in a process of its own: counts what happens and tells it when it is asked to stop. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type CapturePool, createCapturePool } from "../../src/capture/index.ts";
import { type FileGroup, type IndexArtifact, type StatsRecord, systemClock } from "../../src/model/index.ts";
import { connectControlPlane } from "../../src/protocol/index.ts";
import {
  DEFAULT_WORKER_SETTINGS,
  type GroupCapture,
  startWorker,
  type WorkerEvent,
} from "../../src/worker/index.ts";
import { aFileRecord, anArtifact } from "../../test/support/file-groups.ts";
import type { Scenario, WorkerReport } from "./scenario.ts";

const [url = "", index = "0", json = ""] = process.argv.slice(2);
const scenario: Scenario = JSON.parse(json);
const { work } = scenario;
const threads = availableParallelism();
const nowMs = () => performance.timeOrigin + performance.now();
/** Three of them fill a chunk (03 M14). */
const LONG_PATH = "x".repeat(16_384);

const pool: CapturePool = createCapturePool(
  work.kind === "busy" ? { threads, entry: new URL("./burn-thread.ts", import.meta.url) } : { threads },
);
const captures: [number, number][] = [];
const stopped = new AbortController();

async function busyFor(ms: number): Promise<void> {
  const from = nowMs();
  await pool.run({ ...TASK, path: String(ms) }, { signal: stopped.signal });
  captures.push([from, nowMs()]);
}

const TASK = {
  store: { local: { kind: "anywhere" } },
  footerPlan: undefined,
  widthNames: [],
  index: { columns: { by: "all" } },
  distinct: undefined,
  crc: "error",
} as const;

const recordOf = (group: FileGroup, path: string): StatsRecord => ({
  ...aFileRecord(path),
  tableId: group.tableId,
  snapshotId: group.snapshotId,
});

function artifactOf(group: FileGroup, path: string, bytes: number): IndexArtifact {
  const made = anArtifact(path, new Uint8Array(bytes));
  return { ...made, record: { ...made.record, tableId: group.tableId, snapshotId: group.snapshotId } };
}

const capture: GroupCapture = {
  async capture(group, { signal }) {
    const paths = group.filePaths;
    switch (work.kind) {
      case "no-op":
        return { statsRecords: [], artifacts: [] };
      case "records":
        return {
          statsRecords: Array.from({ length: work.count }, (_, at) =>
            recordOf(group, at === 0 ? (paths[0] ?? "") : `s3://bucket/${LONG_PATH}${at}.parquet`),
          ),
          artifacts: paths.map((path) => artifactOf(group, path, 3)),
        };
      case "busy":
        await busyFor(work.ms);
        return {
          statsRecords: paths.map((path) => recordOf(group, path)),
          artifacts: paths.map((path) => artifactOf(group, path, work.sidecarBytes)),
        };
      case "beats":
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        throw new Error("it was not aborted");
    }
  },
};

/** Keeps every thread decoding, whatever the groups do. */
async function decodeForever(): Promise<void> {
  const path = `file://${join(import.meta.dirname, "../../demo/orders/orders-2026-03-01.parquet")}`;
  const decode = async () => {
    while (!stopped.signal.aborted) await pool.run({ ...TASK, path }, { signal: stopped.signal });
  };
  await Promise.all(Array.from({ length: 2 * threads }, decode));
}
if (work.kind === "beats" && work.decode) void decodeForever().catch(() => {});

const rssMiB = () => process.memoryUsage.rss() / 2 ** 20;
const counted = {
  firstLeaseAtMs: 0,
  lastEndAtMs: 0,
  ended: 0,
  failed: 0,
  messages: 0,
  bytes: 0,
  mostResults: 0,
  mostResultBytes: 0,
  rssBeforeMiB: 0,
  rssPeakMiB: 0,
};
const beatDelaysMs: number[] = [];

function onEvent(event: WorkerEvent): void {
  if (event.type === "leased" && counted.firstLeaseAtMs === 0) counted.firstLeaseAtMs = nowMs();
  if (event.type === "beat") beatDelaysMs.push(event.delayMs);
  if (event.type === "result-taken") {
    counted.messages += event.messages;
    counted.bytes += event.bytes;
  }
  if (event.type !== "job-ended") return;
  counted.lastEndAtMs = nowMs();
  counted.ended += 1;
  if (event.end.at !== "done" || event.end.outcome !== "succeeded") counted.failed += 1;
}

const connection = await connectControlPlane(
  { url, ...(scenario.generation === "inline" && { maxRequestBytes: 67_108_864 }) },
  { signal: stopped.signal, timeoutMs: 30_000 },
);
counted.rssBeforeMiB = rssMiB();
const worker = startWorker({
  controlPlane: connection.controlPlane,
  capture,
  clock: systemClock,
  random: Math.random,
  settings: {
    ...DEFAULT_WORKER_SETTINGS,
    instanceId: `worker-${index}`,
    maxParallelism: scenario.slots,
    leaseMs: scenario.leaseMs,
    drainGraceMs: 0,
  },
  onEvent,
  drain: stopped.signal,
  hurry: stopped.signal,
});
let told = 0;
setInterval(() => {
  const { results, resultBytes } = worker.status();
  counted.mostResults = Math.max(counted.mostResults, results);
  counted.mostResultBytes = Math.max(counted.mostResultBytes, resultBytes);
  if (counted.ended === told) return;
  told = counted.ended;
  process.send?.({ ended: told });
}, 20).unref();

process.on("message", async () => {
  const report: WorkerReport = { ...counted, rssPeakMiB: peakRssMiB(), beatDelaysMs, captures };
  process.send?.({ report }, () => process.exit(0));
});
process.on("disconnect", () => process.exit(1));
process.send?.({ ready: true });

/** Not `maxRSS`, which on Linux begins with the memory of the process that started this one. */
function peakRssMiB(): number {
  const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS) / 1024;
}
