import { fromBinary } from "@bufbuild/protobuf";
import {
  AccessDeniedError,
  type CaptureOutput,
  type CapturePolicy,
  type DefaultColumnScope,
  SourceMissingError,
  TableError,
  UsageError,
} from "../../model/index.ts";
import {
  type Connector,
  ConnectorKind,
  ConnectorSchema,
} from "../../protocol/chunked/gen/floecat/connector/connector_pb.ts";
import type { StoreSettings } from "../../storage/index.ts";
import { type CaptureScope, type Job, NO_COUNTERS, type Outcome, type ScopePolicy } from "../jobs/index.ts";
import type { ServiceContext } from "../service.ts";
import type { CatalogTable } from "../store/index.ts";
import { openRequested } from "./open-requested.ts";
import { type CatalogReference, snapshotsOf, type TableRequest } from "./open-table.ts";
import { planStore } from "./plan-store.ts";
import { OUTPUT_NUMBER, planGroups } from "./plan-table.ts";
import { PLANNER_EXECUTOR_ID, type SnapshotPlan, storePlan } from "./store-plan.ts";

/**
 * Plans what StartCapture put in the queue (02 §8): captures of tables that were enqueued before, whose connectors this control
 * plane knows.
 */
export async function runPlanners(
  context: ServiceContext,
  options: { readonly store: StoreSettings; readonly signal: AbortSignal },
): Promise<void> {
  const { store, engine, clock } = context;
  const selection = { by: "pin", executorId: PLANNER_EXECUTOR_ID } as const;
  const due = [...store.jobs.queued(selection, { nowMs: clock.nowMs(), unpinnedOnly: false })];
  for (const { jobId } of due) {
    const leased = engine.leaseJob(jobId);
    if (leased === undefined) continue;
    const { job, lease } = leased;
    engine.start(jobId, lease.epoch, PLANNER_EXECUTOR_ID);
    const outcome = await planCapture(context, job, lease.epoch, options).catch(failure);
    if (outcome !== undefined) engine.complete(jobId, lease.epoch, outcome);
  }
}

/** Undefined: planned, and the root waits for its snapshots. */
async function planCapture(
  context: ServiceContext,
  root: Job,
  epoch: string,
  options: { readonly store: StoreSettings; readonly signal: AbortSignal },
): Promise<Outcome | undefined> {
  const { generation, engine, clock } = context;
  const { signal } = options;
  const policy = policyFrom(root.scope.capturePolicy);
  const plans: SnapshotPlan[] = [];
  const named = tableRequest(context, root);
  const { accountId, fullRescan } = root;
  const { store } = options;
  const listed = async () => {
    const listing = await planStore(context, store, { ...named, accountId });
    return await snapshotsOf(named, { store: listing, generation, signal });
  };
  for (const snapshotId of await selectedSnapshots(root.scope, listed)) {
    const request = { ...named, snapshotId };
    const table = await openRequested(context, request, {
      store,
      accountId,
      policy,
      generation,
      fullRescan,
      signal,
    });
    const groupRequest = { policy, properties: request.properties, filesPerGroup: 0 };
    const groups = await planGroups(context, groupRequest, table, signal);
    plans.push({
      snapshot: { tableId: tableIdOf(root), snapshotId: table.snapshot.snapshotId },
      groups,
    });
  }
  return context.store.transaction(() => {
    const running = engine.runningUnder(root.jobId, epoch, clock.nowMs());
    if (running === undefined) return outcome("cancelled", "");
    context.store.leases.remove(root.jobId);
    engine.save({ ...running, state: "waiting", message: "Planned" });
    for (const plan of plans) storePlan(context, running, root, plan);
    return undefined;
  });
}

/** Another try may help against anything but a table that is wrong or not there. */
function failure(error: unknown): Outcome {
  const final =
    error instanceof UsageError ||
    error instanceof TableError ||
    error instanceof SourceMissingError ||
    error instanceof AccessDeniedError;
  const text = error instanceof Error ? error.message : String(error);
  return outcome(final ? "failed-terminal" : "failed-retryable", text);
}

function outcome(kind: Outcome["kind"], message: string): Outcome {
  return { kind, message, counters: { ...NO_COUNTERS, errors: kind === "cancelled" ? 0n : 1n } };
}

function tableIdOf(root: Job): string {
  return root.scope.destinationTableId === "" ? root.connectorId : root.scope.destinationTableId;
}

/** The table as the catalog has it, in the form in which it was enqueued. */
function tableRequest(context: ServiceContext, root: Job): TableRequest {
  const { catalog } = context.store;
  const table = catalog.table(root.accountId, tableIdOf(root));
  const bytes = catalog.connector(root.accountId, root.connectorId);
  if (table === undefined || bytes === undefined) {
    throw new SourceMissingError(`table ${tableIdOf(root)} isn't known here; enqueue it first`);
  }
  const connector = fromBinary(ConnectorSchema, bytes);
  const reference = catalogOf(connector, table);
  if (reference !== undefined) {
    const format = connector.kind === ConnectorKind.CK_ICEBERG ? "iceberg" : "delta";
    const uri = table.upstreamUri;
    return { uri, format, snapshotId: "latest", properties: connector.properties, catalog: reference };
  }
  const {
    "delta.source": source,
    "delta.table-root": _,
    "iceberg.source": iceberg,
    ...properties
  } = connector.properties;
  const format = iceberg !== undefined ? "iceberg" : source === "parquet" ? "parquet" : "delta";
  return { uri: table.upstreamUri, format, snapshotId: "latest", properties };
}

/** Undefined: the table was enqueued by its location. */
function catalogOf(connector: Connector, table: CatalogTable): CatalogReference | undefined {
  const { "iceberg.source": iceberg, "delta.source": delta } = connector.properties;
  const source = connector.kind === ConnectorKind.CK_ICEBERG ? iceberg : delta;
  if (source === undefined || !CATALOG_SOURCES.has(source)) return undefined;
  const { scheme = "none", properties = {}, headerHints = {} } = connector.auth ?? {};
  return {
    uri: connector.uri,
    namespace: table.namespaceParts.join("."),
    table: table.name,
    auth: { scheme, properties, headerHints },
  };
}

const CATALOG_SOURCES: ReadonlySet<string> = new Set(["rest", "glue", "unity"]);

/** Numbers of `SnapshotSelectionKind`. */
const SSK = { current: 1, latestN: 2, explicit: 3, all: 4 } as const;

/** A plan for each is kept in one transaction. */
const MOST_SNAPSHOTS = 1000;

async function selectedSnapshots(
  { snapshotSelection }: CaptureScope,
  listed: () => Promise<readonly (bigint | "latest")[]>,
): Promise<readonly (bigint | "latest")[]> {
  const { kind = SSK.current, snapshotIds = [], latestN = 0 } = snapshotSelection ?? {};
  switch (kind) {
    case SSK.explicit:
      return snapshotIds;
    case SSK.latestN:
      return bounded((await listed()).slice(-latestN));
    case SSK.all:
      return bounded(await listed());
    default:
      // Unknown kinds are no selection (01 §3.1).
      return ["latest"];
  }
}

function bounded<Snapshot>(snapshots: readonly Snapshot[]): readonly Snapshot[] {
  if (snapshots.length <= MOST_SNAPSHOTS) return snapshots;
  throw new UsageError(
    `${snapshots.length} snapshots are more than ${MOST_SNAPSHOTS}: name them, or take the latest ones`,
  );
}

const SCOPE_NAME: readonly DefaultColumnScope[] = ["first-n", "first-n", "all", "explicit-only"];

function policyFrom(policy: ScopePolicy | undefined): CapturePolicy {
  const outputs = Object.keys(OUTPUT_NUMBER).filter(isOutput);
  return {
    columns: policy?.columns ?? [],
    outputs: new Set(outputs.filter((name) => policy?.outputs.includes(OUTPUT_NUMBER[name]))),
    defaultColumnScope: SCOPE_NAME[policy?.defaultColumnScope ?? 0] ?? "first-n",
    maxDefaultColumns: policy?.maxDefaultColumns || 32,
    properties: {},
  };
}

function isOutput(name: string): name is CaptureOutput {
  return name in OUTPUT_NUMBER;
}
