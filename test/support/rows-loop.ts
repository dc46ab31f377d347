/**
 * One worker against the embedded control plane over gRPC, for the rows of 03 §19: the server's clock stands still unless the test
 * moves it, what happens to a call is the test's, and the capture is made up.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GrpcStatusError, type Interception } from "../../src/control-plane/grpc/index.ts";
import type { GrpcStatusName } from "../../src/control-plane/grpc/status.ts";
import { createControlPlaneServer } from "../../src/control-plane/index.ts";
import type { Job } from "../../src/control-plane/jobs/index.ts";
import { type FileGroup, type Generation, systemClock } from "../../src/model/index.ts";
import { connectControlPlane } from "../../src/protocol/index.ts";
import {
  type CapturedGroup,
  DEFAULT_WORKER_SETTINGS,
  type JobEnd,
  startWorker,
  type WorkerEvent,
} from "../../src/worker/index.ts";
import { ACCOUNT, type Seed, type Seeded, seed } from "./control-plane/harness.ts";
import { FakeClock } from "./fake-clock.ts";
import { aFileRecord, anArtifact } from "./file-groups.ts";

/** What happens around the `nth` call of a method, counted from 1. */
export interface Meeting {
  /** Done when the call comes in; a status name answers it without effect. */
  readonly before?: (server: Seeded) => GrpcStatusName | undefined | Promise<undefined>;
  /** Done once it has taken effect; `lost` keeps the answer back. */
  readonly after?: (server: Seeded) => "lost" | undefined | Promise<undefined>;
}

export interface RowOptions {
  readonly generation: Generation;
  readonly seed?: Seed;
  /** By `Method#nth`, such as `RenewReconcileLease#2`. */
  readonly meetings?: Readonly<Record<string, Meeting>>;
  readonly capture?: (group: FileGroup, signal: AbortSignal) => Promise<CapturedGroup> | CapturedGroup;
  readonly leaseMs?: number;
  readonly jobs?: number;
}

export interface Row extends AsyncDisposable {
  readonly server: Seeded;
  /** As it is now. */
  job(): Job;
  readonly end: JobEnd;
  readonly events: readonly WorkerEvent[];
  /** Methods of the calls about the job, in the order in which they came in, up to now. */
  calls(): readonly string[];
}

const NAMES: Readonly<Record<string, string>> = {
  StartLeasedReconcileJob: "S",
  RenewReconcileLease: "R",
  ReportReconcileProgress: "P",
  GetReconcileCancellation: "C?",
  GetLeasedFileGroupExecution: "G",
  SubmitLeasedFileGroupExecutionResult: "Submit",
  CompleteLeasedReconcileJob: "X",
};

/** Runs until the first job has ended, or as many as said. */
export async function runRow(options: RowOptions): Promise<Row> {
  const counts = new Map<string, number>();
  const calls: string[] = [];
  let running: Meeting | undefined;
  let ready: Seeded | undefined;
  const meetingOf = (path: string, side: "before" | "after") => {
    const method = path.slice(path.lastIndexOf("/") + 1);
    if (side === "before") counts.set(method, (counts.get(method) ?? 0) + 1);
    running = options.meetings?.[`${method}#${counts.get(method)}`];
    return { method, meeting: running };
  };
  const intercept = {
    async before(path: string): Promise<Interception> {
      const { method, meeting } = meetingOf(path, "before");
      const sign = NAMES[method];
      if (sign !== undefined) calls.push(sign);
      const status = ready && (await meeting?.before?.(ready));
      if (status !== undefined) throw new GrpcStatusError(status, "as the test wants it");
      return "pass";
    },
    async after(path: string): Promise<Interception> {
      const { meeting } = meetingOf(path, "after");
      return ready && (await meeting?.after?.(ready)) === "lost" ? "drop" : "pass";
    },
  };
  const clock = new FakeClock();
  const dataDir = await mkdtemp(join(tmpdir(), "rows-"));
  const controlPlane = await createControlPlaneServer({
    listen: { host: "127.0.0.1", port: 0 },
    dataDir,
    generation: options.generation,
    accountId: ACCOUNT,
    runExecutors: false,
    clock,
    intercept,
  });
  const server: Seeded = { context: controlPlane.context, generation: options.generation, clock };
  ready = server;
  seed(server, options.seed);

  const stop = new AbortController();
  const connection = await connectControlPlane(
    { url: controlPlane.url, generation: options.generation },
    { signal: stop.signal, timeoutMs: 10_000 },
  );
  const events: WorkerEvent[] = [];
  let ended = 0;
  const worker = await new Promise<{ ended: Promise<void>; end: JobEnd }>((resolve) => {
    const started = startWorker({
      controlPlane: connection.controlPlane,
      capture: {
        capture: async (group, { signal }) => await (options.capture ?? everything)(group, signal),
      },
      clock: systemClock,
      random: () => 0,
      settings: {
        ...DEFAULT_WORKER_SETTINGS,
        instanceId: "worker-1",
        maxParallelism: 1,
        prefetchedGroups: 0,
        leaseMs: options.leaseMs ?? 3000,
        heartbeatMs: 1000,
        drainGraceMs: 0,
        handBackMs: 0,
      },
      onEvent(event) {
        events.push(event);
        if (event.type !== "job-ended") return;
        ended += 1;
        if (ended === (options.jobs ?? 1)) resolve({ ended: started.ended, end: event.end });
      },
      drain: stop.signal,
      hurry: stop.signal,
    });
  });
  return {
    server,
    job() {
      const job = controlPlane.store.jobs.get("job-1");
      if (job === undefined) throw new Error("there is no job");
      return job;
    },
    end: worker.end,
    events,
    calls: () => [...calls],
    async [Symbol.asyncDispose]() {
      stop.abort();
      await worker.ended;
      connection.close();
      await controlPlane.close(100);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A FILE record for each path, and a sidecar where the policy asks for one. */
export function everything(group: FileGroup): CapturedGroup {
  const { tableId, snapshotId, filePaths, policy } = group;
  return {
    statsRecords: filePaths.map((path) => ({ ...aFileRecord(path), tableId, snapshotId })),
    artifacts: policy.outputs.has("page-index")
      ? filePaths.map((path) => {
          const made = anArtifact(path);
          return { ...made, record: { ...made.record, tableId, snapshotId } };
        })
      : [],
  };
}

/** A capture that lasts until it is stopped. */
export function untilStopped(_group: FileGroup, signal: AbortSignal): Promise<CapturedGroup> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}
