/** A control plane with a clock that the test owns, and the jobs of 02 §13 in it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect } from "vitest";
import {
  type Job,
  type JobState,
  NO_COUNTERS,
  type ScopePolicy,
} from "../../../src/control-plane/jobs/index.ts";
import {
  type ControlPlane,
  type ControlPlaneOptions,
  createControlPlaneServer,
} from "../../../src/control-plane/server.ts";
import type { Generation } from "../../../src/model/index.ts";
import {
  ConnectorKind,
  ConnectorSchema,
  ConnectorState,
} from "../../../src/protocol/chunked/gen/floecat/connector/connector_pb.ts";
import { FakeClock } from "../fake-clock.ts";
import { type Answer, type Client, type Fields, independentClient } from "./independent-client.ts";

export const F1 = "s3://bucket/data/file-1.parquet";
export const F2 = "s3://bucket/data/file-2.parquet";
export const ACCOUNT = "acct";

const cleanUps: (() => unknown)[] = [];
const defects: unknown[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  // No test may pass over a defect that the server has met.
  expect(defects.splice(0)).toEqual([]);
});

export interface Harness extends ControlPlane {
  readonly generation: Generation;
  readonly clock: FakeClock;
  readonly client: Client;
  readonly dataDir: string;
  /** A call of the worker's service, in the account of the jobs. */
  call(method: string, request: Fields): Promise<Answer>;
  job(jobId?: string): Job;
  /** Leases the first file group; the epoch. */
  leaseGroup(): Promise<string>;
}

export async function start(
  generation: Generation,
  options: Partial<ControlPlaneOptions> & { readonly clock?: FakeClock } = {},
): Promise<Harness> {
  const clock = options.clock ?? new FakeClock();
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const controlPlane = await createControlPlaneServer({
    listen: { host: "127.0.0.1", port: 0 },
    generation,
    accountId: ACCOUNT,
    runExecutors: false,
    log: { error: (details) => defects.push(details.err) },
    ...options,
    dataDir,
    clock,
  });
  const client = independentClient(controlPlane.url, generation);
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    client.close();
    await controlPlane.close(100);
  };
  cleanUps.push(close);
  const call = (method: string, request: Fields) => client.call("executor", method, request);
  return {
    ...controlPlane,
    close,
    generation,
    clock,
    client,
    dataDir,
    call,
    job(jobId = "job-1") {
      const job = controlPlane.context.store.jobs.get(jobId);
      if (job === undefined) throw new Error(`no job ${jobId}`);
      return job;
    },
    async leaseGroup() {
      const { response } = await call("LeaseReconcileJob", { job_kinds: ["RJK_EXEC_FILE_GROUP"] });
      const { job } = response;
      if (!isFields(job)) throw new Error("no group to be leased");
      return String(job.lease_epoch);
    },
  };
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "control-plane-"));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

/** `TS`, `FS`, `CS` and the page index. */
export const ALL_OUTPUTS = [1, 2, 3, 4];

export interface Seed {
  /** Paths of each group: group-1, group-2, … */
  readonly groups?: readonly (readonly string[])[];
  readonly snapshotId?: bigint;
  readonly fullRescan?: boolean;
  readonly policy?: Partial<ScopePolicy> | "none";
  readonly mode?: number;
  readonly namespaceParts?: readonly string[];
  readonly tableProperties?: Readonly<Record<string, string>>;
  readonly connectorKind?: ConnectorKind;
  readonly connectorProperties?: Readonly<Record<string, string>>;
  readonly upstreamUri?: string;
  /** For every file-group job. */
  readonly job?: Partial<Job>;
}

/** What jobs can be put into. */
export type Seeded = Pick<Harness, "context" | "generation" | "clock">;

/**
 * root → parent (PLAN_SNAPSHOT, `plan-1`) → job-1, job-2, … one a group; table-1 behind connector-1, snapshot 55. Inline's
 * finalizer is there from the beginning.
 */
export function seed(harness: Seeded, options: Seed = {}): void {
  const { store, engine } = harness.context;
  const groups = options.groups ?? [[F1]];
  const snapshot = { tableId: "table-1", snapshotId: options.snapshotId ?? 55n };
  const connector = create(ConnectorSchema, {
    resourceId: { accountId: ACCOUNT, id: "connector-1", kind: 7 },
    displayName: "connector one",
    kind: options.connectorKind ?? ConnectorKind.CK_DELTA,
    state: ConnectorState.CS_ACTIVE,
    auth: { scheme: "none" },
    properties: { ...options.connectorProperties },
  });
  store.catalog.putConnector(ACCOUNT, "connector-1", toBinary(ConnectorSchema, connector));
  store.catalog.putTable({
    accountId: ACCOUNT,
    tableId: "table-1",
    connectorId: "connector-1",
    namespaceParts: options.namespaceParts ?? ["cat", "sales"],
    name: "orders",
    upstreamUri: options.upstreamUri ?? "s3://bucket/data",
    properties: options.tableProperties ?? {},
  });
  const base = baseJob(harness, options);
  engine.save({ ...base, jobId: "root", kind: "plan-connector", state: "waiting" });
  const parent: Job = {
    ...base,
    jobId: "parent",
    parentJobId: "root",
    kind: "plan-snapshot",
    state: "waiting",
    snapshot,
  };
  engine.save(parent);
  const plan = groups.map((filePaths, index) => ({
    planId: "plan-1",
    groupId: `group-${index + 1}`,
    filePaths,
  }));
  store.results.putPlan("parent", plan);
  plan.forEach(({ planId, groupId }, index) => {
    engine.save({
      ...base,
      jobId: `job-${index + 1}`,
      parentJobId: "parent",
      kind: "exec-file-group",
      state: "queued",
      laneKey: `file-group|table-1|${snapshot.snapshotId}|${groupId}`,
      group: { planId, groupId },
      snapshot,
      nextAttemptAtMs: base.createdAtMs - plan.length + index,
      ...options.job,
    });
  });
  if (harness.generation === "inline") seedFinalizer(harness, parent);
}

function baseJob(
  harness: Seeded,
  options: Seed,
): Omit<Job, "jobId" | "kind" | "state"> & { state: JobState } {
  const { policy = {} } = options;
  const nowMs = harness.clock.nowMs();
  return {
    accountId: ACCOUNT,
    parentJobId: "",
    state: "queued",
    message: "Queued",
    startedAtMs: 0,
    finishedAtMs: 0,
    executorId: "",
    attempt: 0,
    nextAttemptAtMs: nowMs,
    counters: NO_COUNTERS,
    pinnedExecutorId: "",
    policy: { executionClass: 1, lane: "", attributes: {} },
    laneKey: "",
    connectorId: "connector-1",
    mode: options.mode ?? 3,
    fullRescan: options.fullRescan ?? false,
    scope: {
      destinationNamespaceIds: [],
      destinationTableId: "table-1",
      destinationCaptureRequests: [],
      destinationViewId: "",
      capturePolicy:
        policy === "none"
          ? undefined
          : { columns: [], outputs: ALL_OUTPUTS, defaultColumnScope: 2, maxDefaultColumns: 32, ...policy },
      snapshotSelection: undefined,
    },
    group: undefined,
    snapshot: undefined,
    createdAtMs: nowMs,
  };
}

function seedFinalizer(harness: Seeded, parent: Job): void {
  harness.context.engine.save({
    ...parent,
    jobId: "finalizer",
    parentJobId: parent.jobId,
    kind: "finalize-snapshot-capture",
    state: "queued",
    pinnedExecutorId: "embedded_snapshot_finalizer",
  });
}

/** Ids of a lease in requests. */
export function leaseOf(epoch: string, jobId = "job-1"): Fields {
  return { job_id: jobId, lease_epoch: epoch };
}

export const TABLE_ID = { account_id: ACCOUNT, id: "table-1", kind: "RK_TABLE" };

export function fileRecord(path = F1, overrides: Fields = {}): Fields {
  return {
    table_id: TABLE_ID,
    snapshot_id: "55",
    target: { file: { file_path: path } },
    metadata: { producer: "SPROD_SOURCE_NATIVE", completeness: "SC_COMPLETE", capture_mode: "SCM_ASYNC" },
    file: {
      table_id: TABLE_ID,
      snapshot_id: "55",
      file_path: path,
      file_format: "PARQUET",
      row_count: "3",
      size_bytes: "1024",
      file_content: "FC_DATA",
    },
    ...overrides,
  };
}

export function tablePartial(rowCount: number): Fields {
  return {
    table_id: TABLE_ID,
    snapshot_id: "55",
    target: { table: {} },
    table: { row_count: String(rowCount), data_file_count: "1", total_size_bytes: "10" },
  };
}

export function artifact(path = F1, overrides: Fields = {}, record: Fields = {}): Fields {
  return {
    record: {
      table_id: TABLE_ID,
      snapshot_id: "55",
      target: { file: { file_path: path } },
      artifact_uri: `/accounts/acct/tables/table-1/index-sidecars/${encodeURIComponent(path)}.parquet`,
      artifact_format: "parquet",
      artifact_format_version: 1,
      content_etag: "sent",
      state: "IAS_READY",
      ...record,
    },
    content: Buffer.from("sidecar"),
    content_type: "application/x-parquet",
    ...overrides,
  };
}

export function fileResult(path = F1, statsProcessed = 1): Fields {
  return {
    file_path: path,
    state: "RFRS_SUCCEEDED",
    stats_processed: String(statsProcessed),
    index_artifact: {},
  };
}

export const INVALID_ARGUMENT = 3;
export const NOT_FOUND = 5;
export const PERMISSION_DENIED = 7;
export const RESOURCE_EXHAUSTED = 8;
export const FAILED_PRECONDITION = 9;
export const ABORTED = 10;
export const INTERNAL = 13;

/** The specific text of an answer. */
export function rootMessage(answer: Answer): string | undefined {
  return answer.error?.params.root_message;
}

export const LEASE_LOST = "FAILED_PRECONDITION: reconcile lease is no longer valid";
