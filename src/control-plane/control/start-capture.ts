import { fromBinary } from "@bufbuild/protobuf";
import { RESOURCE_KIND_CONNECTOR } from "../../model/index.ts";
import {
  ConnectorSchema,
  ConnectorState,
} from "../../protocol/chunked/gen/floecat/connector/connector_pb.ts";
import type {
  ExecutionPolicy as PolicyMessage,
  CaptureScope as ScopeMessage,
} from "../../protocol/inline/gen/floecat/reconciler/reconciler_pb.ts";
import { signed64 } from "../../protocol/records/wire-values.ts";
import { badArgument, invalidField, invalidKind, ServiceError, unknownResource } from "../errors/index.ts";
import { type CaptureScope, type ExecutionPolicy, executionClass, type Job } from "../jobs/index.ts";
import { type CaptureRequest, rootJob } from "../plan/store-plan.ts";
import type { Caller, ServiceContext } from "../service.ts";

/** `StartCaptureRequest` in the parts that both generations have, without `CapturePolicy.properties`, which are dropped (02 §8). */
export interface StartCaptureMessage {
  readonly scope?: ScopeMessage | undefined;
  readonly mode: number;
  readonly fullRescan: boolean;
  readonly executionPolicy?: Omit<PolicyMessage, "$typeName"> | undefined;
}

/** Numbers of `CaptureMode` (01 §4.1). */
const MODE = { metadataOnly: 1, metadataAndCapture: 2, captureOnly: 3 } as const;
/** Numbers of `SnapshotSelectionKind`. */
const SELECTION = { latestN: 2, explicit: 3 } as const;

/** StartCapture (02 §8): the checks in their order, then a PLAN_CONNECTOR job, or the active one that is the same. */
export function startCapture(
  context: ServiceContext,
  request: StartCaptureMessage,
  caller: Caller,
  options: { readonly unspecifiedMode: () => ServiceError },
): Job {
  const { store, engine, generation } = context;
  const { scope } = request;
  const { accountId } = caller.principal;
  if (scope?.connectorId?.kind !== RESOURCE_KIND_CONNECTOR) throw invalidKind("connector_id");
  const connectorId = scope.connectorId.id;
  requireActiveConnector(context, accountId, connectorId);
  if (!isMode(request.mode)) throw options.unspecifiedMode();
  if (request.mode !== MODE.metadataOnly) checkPolicy(scope);
  checkDestinations(scope);
  checkSelection(scope);
  if (request.mode === MODE.captureOnly) checkCaptureOnly(scope);

  const capture: CaptureRequest = {
    accountId,
    connectorId,
    scope: scopeFrom(scope),
    mode: request.mode,
    fullRescan: request.fullRescan,
    policy: policyFrom(request.executionPolicy),
  };
  const same = store.jobs
    .activeOfConnector(accountId, connectorId, "plan-connector")
    .find(
      (job) =>
        !(generation === "chunked" && job.state === "cancelling") && identity(job) === identity(capture),
    );
  if (same !== undefined) return same;
  return engine.save(rootJob(context, capture, "queued"));
}

function isMode(mode: number): boolean {
  return mode === MODE.metadataOnly || mode === MODE.metadataAndCapture || mode === MODE.captureOnly;
}

function requireActiveConnector({ store }: ServiceContext, accountId: string, connectorId: string): void {
  const bytes = store.catalog.connector(accountId, connectorId);
  if (bytes === undefined) throw unknownResource("connector", connectorId);
  const { state } = fromBinary(ConnectorSchema, bytes);
  if (state === ConnectorState.CS_ACTIVE) return;
  const name = Object.entries(ConnectorState).find(([, number]) => number === state)?.[0] ?? String(state);
  throw new ServiceError({
    status: "FAILED_PRECONDITION",
    code: "MC_PRECONDITION_FAILED",
    text: "connector is not active",
    params: { field: "connector.state", state: name },
  });
}

function checkPolicy({ capturePolicy }: Pick<ScopeMessage, "capturePolicy">): void {
  if (capturePolicy === undefined) throw invalidField("scope.capture_policy");
  if (capturePolicy.outputs.length === 0) throw invalidField("scope.capture_policy.outputs");
  for (const output of capturePolicy.outputs) {
    if (output < 1 || output > 4) throw badArgument("capture output is required");
  }
}

/** Texts of the other pairs are made after the one that the contract gives (UNKNOWN there: "and analogues"). */
function checkDestinations(scope: ScopeMessage): void {
  const namespaces = scope.destinationNamespaceIds.length > 0;
  const table = scope.destinationTableId !== "";
  const view = scope.destinationViewId !== "";
  const requests = scope.destinationCaptureRequests;
  if (table && namespaces) cannotCombine("destinationTableId", "destinationNamespaceIds");
  if (view && namespaces) cannotCombine("destinationViewId", "destinationNamespaceIds");
  if (table && view) cannotCombine("destinationTableId", "destinationViewId");
  if (view && requests.length > 0) cannotCombine("destinationViewId", "destinationCaptureRequests");
  if (table && requests.some(({ tableId }) => tableId !== scope.destinationTableId)) {
    throw badArgument("destinationCaptureRequests must belong to destinationTableId");
  }
}

function cannotCombine(one: string, other: string): never {
  throw badArgument(`${one} cannot be combined with ${other}`);
}

function checkSelection({ snapshotSelection }: Pick<ScopeMessage, "snapshotSelection">): void {
  if (snapshotSelection === undefined) return;
  const { kind, latestN, snapshotIds } = snapshotSelection;
  if (kind === SELECTION.latestN && (latestN === 0 || snapshotIds.length > 0)) {
    throw badArgument("LATEST_N requires latestN > 0 and no explicit ids");
  }
  if (kind === SELECTION.explicit && (snapshotIds.length === 0 || latestN > 0)) {
    throw badArgument("EXPLICIT requires snapshotIds and cannot carry latestN");
  }
}

function checkCaptureOnly(scope: ScopeMessage): void {
  if (scope.destinationViewId !== "") throw invalidField("scope.destination_view_id");
  if (scope.destinationCaptureRequests.length > 0 && scope.destinationNamespaceIds.length > 0) {
    throw invalidField("scope.destination_namespace_ids");
  }
}

function scopeFrom(scope: ScopeMessage): CaptureScope {
  const { capturePolicy, snapshotSelection } = scope;
  return {
    destinationNamespaceIds: scope.destinationNamespaceIds,
    destinationTableId: scope.destinationTableId,
    destinationCaptureRequests: scope.destinationCaptureRequests.map((request) => ({
      tableId: request.tableId,
      snapshotId: signed64(request.snapshotId),
      targetSpec: request.targetSpec,
      columnSelectors: request.columnSelectors,
    })),
    destinationViewId: scope.destinationViewId,
    capturePolicy: capturePolicy && {
      columns: capturePolicy.columns.map(({ selector, captureStats, captureIndex }) => ({
        selector,
        captureStats,
        captureIndex,
      })),
      outputs: [...new Set<number>(capturePolicy.outputs)].sort(),
      defaultColumnScope: capturePolicy.defaultColumnScope,
      maxDefaultColumns: capturePolicy.maxDefaultColumns,
    },
    snapshotSelection: snapshotSelection && {
      kind: snapshotSelection.kind,
      snapshotIds: snapshotSelection.snapshotIds.map(signed64),
      latestN: snapshotSelection.latestN,
    },
  };
}

function policyFrom(policy: Omit<PolicyMessage, "$typeName"> | undefined): ExecutionPolicy {
  return {
    executionClass: executionClass(policy?.executionClass ?? 0),
    lane: policy?.lane.trim() ?? "",
    attributes: policy?.attributes ?? {},
  };
}

/** Requests with the same one are the same request. */
function identity({
  scope,
  mode,
  fullRescan,
  policy,
}: Omit<CaptureRequest, "accountId" | "connectorId">): string {
  return JSON.stringify([scope, mode, fullRescan, policy], (_, value) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}
