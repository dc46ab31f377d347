/** Jobs as a planner leaves them: one parent, a plan of groups of one file, a job for each. */
import { create, toBinary } from "@bufbuild/protobuf";
import type { ControlPlane } from "../../src/control-plane/index.ts";
import { type Job, NO_COUNTERS } from "../../src/control-plane/jobs/index.ts";
import {
  ConnectorKind,
  ConnectorSchema,
  ConnectorState,
} from "../../src/protocol/chunked/gen/floecat/connector/connector_pb.ts";

const FILE_STATS = 2;
const PAGE_INDEX = 4;
const FIRST_N = 2;

export function seedJobs({ store, engine }: ControlPlane, options: { jobs: number; asked: boolean }): void {
  const accountId = "local";
  const connector = create(ConnectorSchema, {
    resourceId: { accountId, id: "connector-1", kind: 7 },
    displayName: "bench",
    kind: ConnectorKind.CK_DELTA,
    state: ConnectorState.CS_ACTIVE,
    auth: { scheme: "none" },
  });
  store.catalog.putConnector(accountId, "connector-1", toBinary(ConnectorSchema, connector));
  store.catalog.putTable({
    accountId,
    tableId: "table-1",
    connectorId: "connector-1",
    namespaceParts: ["bench"],
    name: "t",
    upstreamUri: "s3://bucket/t",
    properties: {},
  });
  const nowMs = Date.now();
  const base: Omit<Job, "jobId" | "kind" | "state"> = {
    accountId,
    parentJobId: "",
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
    mode: 3,
    fullRescan: false,
    scope: {
      destinationNamespaceIds: [],
      destinationTableId: "table-1",
      destinationCaptureRequests: [],
      destinationViewId: "",
      capturePolicy: {
        columns: [],
        outputs: options.asked ? [FILE_STATS, PAGE_INDEX] : [],
        defaultColumnScope: FIRST_N,
        maxDefaultColumns: 32,
      },
      snapshotSelection: undefined,
    },
    group: undefined,
    snapshot: { tableId: "table-1", snapshotId: 1n },
    createdAtMs: nowMs,
  };
  engine.save({ ...base, jobId: "root", kind: "plan-connector", state: "waiting" });
  engine.save({ ...base, jobId: "parent", parentJobId: "root", kind: "plan-snapshot", state: "waiting" });
  const plan = Array.from({ length: options.jobs }, (_, index) => ({
    planId: "plan-1",
    groupId: `group-${index}`,
    filePaths: [`s3://bucket/t/file-${index}.parquet`],
  }));
  store.results.putPlan("parent", plan);
  plan.forEach(({ planId, groupId }, index) => {
    engine.save({
      ...base,
      jobId: `job-${index}`,
      parentJobId: "parent",
      kind: "exec-file-group",
      state: "queued",
      laneKey: `file-group|table-1|1|${groupId}`,
      group: { planId, groupId },
      nextAttemptAtMs: nowMs - options.jobs + index,
    });
  });
}
