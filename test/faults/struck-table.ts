/**
 * A table of two files, captured group by group through real gRPC while something happens to its calls, its worker or its
 * control plane; and what the audit of the chaos command finds afterwards. Both sides live on one clock that runs fast.
 */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditedTable, audit, type Findings, installAudit } from "../../scripts/chaos/audit.ts";
import { type CapturePool, captureGroup } from "../../src/capture/index.ts";
import { jumpingClock } from "../../src/control-plane/chaos/index.ts";
import { connectAdmin } from "../../src/control-plane/client.ts";
import { type ControlPlane, createControlPlaneServer } from "../../src/control-plane/index.ts";
import type { Clock, Generation } from "../../src/model/index.ts";
import { connectControlPlane, type ControlPlane as WorkerPort } from "../../src/protocol/index.ts";
import {
  DEFAULT_WORKER_SETTINGS,
  type GroupCapture,
  startWorker,
  type WorkerEvent,
} from "../../src/worker/index.ts";
import { type Strike, scriptedProxy } from "../support/fault-proxy.ts";
import { quickClock } from "../support/quick-clock.ts";
import { writeTinyTable } from "../support/tiny-table.ts";

export const GENERATIONS = ["chunked", "inline"] as const;

export const FILES = 2;
/** Of the clock below. */
export const LEASE_MS = 5000;
export const SPEED = 10;
const REAL_DEADLINE_MS = 3000;
const LIMIT_MS = 40_000;

const SUBMIT = "SubmitLeasedFileGroupExecutionResult";
const COMPLETE = "CompleteLeasedReconcileJob";

/** A call that can be struck, and what makes the worker send it. */
export interface StruckCall {
  readonly call: string;
  readonly method: string;
  readonly nth: number;
  readonly captureMs?: number;
  readonly failures?: number;
}

const EVERYWHERE: readonly StruckCall[] = [
  { call: "lease", method: "LeaseReconcileJob", nth: 1 },
  { call: "start", method: "StartLeasedReconcileJob", nth: 1 },
  { call: "question for the cancel flag", method: "GetReconcileCancellation", nth: 1 },
  { call: "payload", method: "GetLeasedFileGroupExecution", nth: 1 },
  { call: "renew", method: "RenewReconcileLease", nth: 1, captureMs: 4000 },
  { call: "failure", method: SUBMIT, nth: 1, failures: 1 },
  { call: "completion of a failure", method: COMPLETE, nth: 1, failures: 1 },
];

/** Every call that a worker makes, each at a moment when it counts. */
export const CALLS: Readonly<Record<Generation, readonly StruckCall[]>> = {
  chunked: [
    ...EVERYWHERE,
    { call: "chunk", method: SUBMIT, nth: 1 },
    { call: "success", method: SUBMIT, nth: 2 },
  ],
  inline: [
    ...EVERYWHERE,
    { call: "success", method: SUBMIT, nth: 1 },
    { call: "progress", method: "ReportReconcileProgress", nth: 1 },
    { call: "completion", method: COMPLETE, nth: 1 },
  ],
};

/** Nothing lost, doubled or left over. */
export const SOUND: Omit<Findings, "details"> = {
  succeeded: FILES,
  lost: 0,
  conflicting: 0,
  duplicates: 0,
  unfinalised: 0,
  held_leases: 0,
};

export interface StruckOptions {
  readonly generation: Generation;
  readonly pool: CapturePool;
  readonly strikes?: readonly Strike[];
  /** How long a capture takes at least, on the fast clock; 0 by default. */
  readonly captureMs?: number | undefined;
  /** How many captures fail before one doesn't; 0 by default. */
  readonly failures?: number | undefined;
  /** What a worker sees of the control plane. */
  readonly through?: (port: WorkerPort, around: Around) => WorkerPort;
}

/** What may be done to them while calls go to and fro. */
export interface Around {
  /** How many workers there have been before this one. */
  readonly workerIndex: number;
  /** The wall clock of the control plane alone. */
  jump(ms: number): void;
  /** Ends the control plane in the middle of its calls; a new one goes on with its data. */
  restart(): Promise<void>;
  /** The worker is gone from now on, and another one starts. */
  replaceWorker(): void;
}

export interface Struck {
  readonly findings: Omit<Findings, "details">;
  readonly details: readonly string[];
  /** Methods of the faults that have struck, in order. */
  readonly struck: readonly string[];
  /** `method status` of every call that the control plane answered. */
  readonly answers: readonly string[];
  readonly events: readonly WorkerEvent[];
}

export async function captureStruckTable(options: StruckOptions): Promise<Struck> {
  const { generation } = options;
  const folder = await realpath(await mkdtemp(join(tmpdir(), "floecat-capture-struck-")));
  const dataDir = join(folder, "data");
  const clock = quickClock(SPEED);
  const serverClock = jumpingClock(clock);
  installAudit(dataDir, generation);
  const startPlane = () => createPlane(dataDir, generation, serverClock);
  let plane = await startPlane();
  const restart = async () => {
    await plane.close(0);
    plane = await startPlane();
  };
  const scripted = await scriptedProxy(() => plane.url, options.strikes ?? []);
  const events: WorkerEvent[] = [];
  const workers: { stop(): Promise<void> }[] = [];
  const dead = new Set<number>();
  const startOne = () => {
    const workerIndex = workers.length;
    const around: Around = {
      workerIndex,
      jump: (ms) => serverClock.jump(ms),
      restart,
      replaceWorker() {
        dead.add(workerIndex);
        startOne();
      },
    };
    const through = (port: WorkerPort) => options.through?.(port, around) ?? port;
    workers.push(startStruckWorker({ ...options, url: scripted.proxy.url, clock, through, events }));
  };
  // The dead hear nothing, and would never end.
  const stopWorkers = () =>
    Promise.all(workers.filter((_worker, index) => !dead.has(index)).map((worker) => worker.stop()));
  try {
    const table = await enqueueTable(plane.url, join(folder, "table"));
    startOne();
    await finished(() => plane, table.rootJobId);
    await stopWorkers();
    await scripted.proxy.close();
    await plane.close();
    const { details, ...findings } = await audit(dataDir, generation, { jobs: FILES, tables: [table] });
    return { findings, details, events, struck: scripted.struck, answers: scripted.answers };
  } finally {
    await stopWorkers();
    await scripted.proxy.close().catch(() => {});
    await plane.close(0).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  }
}

function createPlane(dataDir: string, generation: Generation, clock: Clock): Promise<ControlPlane> {
  return createControlPlaneServer({
    listen: { host: "127.0.0.1", port: 0 },
    dataDir,
    generation,
    clock,
    limits: {
      leaseMs: LEASE_MS,
      leaseRenewGraceMs: 1000,
      reclaimIntervalMs: 1000,
      maintenanceTickMs: 300,
      baseBackoffMs: 100,
      maxAttempts: 20,
    },
  });
}

async function enqueueTable(url: string, tableUri: string): Promise<AuditedTable> {
  await writeTinyTable(tableUri, FILES);
  const { jobId: rootJobId, ...enqueued } = await connectAdmin(url).enqueue(
    {
      tableUri,
      format: "parquet",
      outputs: ["table", "file", "column", "page-index"],
      filesPerGroup: 1,
    },
    { signal: AbortSignal.timeout(LIMIT_MS) },
  );
  return { rootJobId, files: FILES, ...enqueued };
}

/** Asked inside, since the control plane may be restarting. */
async function finished(plane: () => ControlPlane, rootJobId: string): Promise<void> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  for (;;) {
    limit.throwIfAborted();
    try {
      const state = plane().store.jobs.get(rootJobId)?.state;
      if (state === "succeeded" || state === "failed" || state === "cancelled") return;
    } catch {
      // Its store is closed: it is on its way out, another one will follow.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface StruckWorker extends StruckOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly through: (port: WorkerPort) => WorkerPort;
  readonly events: WorkerEvent[];
}

/** One group after the other, so that the n-th call of a method is the same in every run. */
function startStruckWorker(options: StruckWorker): { stop(): Promise<void> } {
  const { clock, events } = options;
  const drain = new AbortController();
  const hurry = new AbortController();
  const life = async () => {
    while (!drain.signal.aborted) {
      const changed = new AbortController();
      const connection = await connectControlPlane(
        { url: options.url, authRequired: false, onGenerationChange: () => changed.abort() },
        { signal: drain.signal, timeoutMs: REAL_DEADLINE_MS },
      ).catch(() => undefined);
      if (connection === undefined) continue;
      const worker = startWorker({
        controlPlane: options.through(connection.controlPlane),
        capture: tinyCapture(options),
        clock,
        random: Math.random,
        settings: {
          ...DEFAULT_WORKER_SETTINGS,
          instanceId: "struck",
          maxParallelism: 1,
          prefetchedGroups: 0,
          maxPendingResults: 1,
          leaseMs: LEASE_MS,
          deadlineMs: REAL_DEADLINE_MS,
          leaseDeadlineMs: REAL_DEADLINE_MS,
          mutationDeadlineMs: REAL_DEADLINE_MS,
        },
        onEvent: (event) => events.push(event),
        drain: AbortSignal.any([drain.signal, changed.signal]),
        hurry: hurry.signal,
      });
      await worker.ended;
      connection.close();
    }
  };
  const ended = life();
  return {
    async stop() {
      drain.abort();
      hurry.abort();
      await ended;
    },
  };
}

function tinyCapture({ pool, clock, captureMs = 0, failures = 0 }: StruckWorker): GroupCapture {
  let failuresLeft = failures;
  return {
    async capture(group, { signal, onProgress }) {
      if (captureMs > 0) await clock.sleep(captureMs, signal);
      if (failuresLeft-- > 0) throw new Error("a disk that is full");
      return await captureGroup(group, {
        pool,
        clock,
        store: { local: { kind: "anywhere" } },
        crc: "error",
        signal,
        onFile: onProgress,
        onWarning: () => {},
      });
    },
  };
}
