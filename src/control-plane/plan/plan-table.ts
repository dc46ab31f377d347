import { createHash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import type { CaptureOutput, CapturePolicy, DefaultColumnScope } from "../../model/index.ts";
import { RESOURCE_KIND_CONNECTOR } from "../../model/index.ts";
import {
  ConnectorKind,
  ConnectorSchema,
  ConnectorState,
} from "../../protocol/chunked/gen/floecat/connector/connector_pb.ts";
import { openEnum } from "../../protocol/records/wire-values.ts";
import type { StoreSettings } from "../../storage/index.ts";
import { SNAPSHOT_METADATA_PROPERTY } from "../executor/storage-location.ts";
import { type CaptureScope, DEFAULT_EXECUTION_CLASS } from "../jobs/index.ts";
import type { ServiceContext } from "../service.ts";
import { createFileGrouping } from "./group-files.ts";
import { openRequested } from "./open-requested.ts";
import type { OpenedTable, TableRequest } from "./open-table.ts";
import { type CaptureRequest, rootJob, storePlan } from "./store-plan.ts";
import { wireColumns } from "./wire-columns.ts";

/**
 * Takes a table into the queue: reads its metadata, registers it and its connector in the catalog, divides the snapshot's files
 * into groups and stores the plan.
 */
export interface EnqueueRequest extends TableRequest {
  readonly accountId: string;
  /** `""`: made from the uri, so that the same table gets the same one. */
  readonly tableId: string;
  readonly policy: CapturePolicy;
  /** 0: the default of the settings. */
  readonly filesPerGroup: number;
  readonly fullRescan: boolean;
}

export interface EnqueuedTable {
  /** Job that stands for the table. */
  readonly jobId: string;
  readonly snapshotId: bigint;
  readonly tableId: string;
  readonly fileCount: number;
  readonly groupCount: number;
}

/** `CM_CAPTURE_ONLY` (01 §4.1): metadata is read where it lies. */
const MODE_CAPTURE_ONLY = 3;

export async function enqueueTable(
  context: ServiceContext,
  request: EnqueueRequest,
  options: { readonly store: StoreSettings; readonly signal: AbortSignal },
): Promise<EnqueuedTable> {
  const { generation } = context;
  const { policy, fullRescan } = request;
  const { store, signal } = options;
  const { accountId } = request;
  const table = await openRequested(context, request, {
    store,
    accountId,
    policy,
    generation,
    fullRescan,
    signal,
  });
  const groups = await planGroups(context, request, table, signal);
  const tableId = request.tableId === "" ? idOf(table.uri) : request.tableId;
  const { snapshotId } = table.snapshot;
  const capture: CaptureRequest = {
    accountId: request.accountId,
    connectorId: tableId,
    scope: scopeOf({ ...policy, columns: wireColumns(policy.columns, table.snapshot) }, tableId),
    mode: MODE_CAPTURE_ONLY,
    fullRescan,
    policy: { executionClass: DEFAULT_EXECUTION_CLASS, lane: "", attributes: {} },
  };
  const root = rootJob(context, capture, "waiting");
  context.store.transaction(() => {
    register(context, request.accountId, tableId, table);
    context.engine.save(root);
    storePlan(context, root, capture, { snapshot: { tableId, snapshotId }, groups });
  });
  return {
    jobId: root.jobId,
    snapshotId,
    tableId,
    fileCount: groups.reduce((sum, group) => sum + group.length, 0),
    groupCount: groups.length,
  };
}

export interface GroupRequest {
  readonly policy: CapturePolicy;
  readonly properties: Readonly<Record<string, string>>;
  /** 0: the default of the settings. */
  readonly filesPerGroup: number;
}

/** The files of a snapshot that can be captured, divided into groups. Closes the table. */
export async function planGroups(
  context: ServiceContext,
  request: GroupRequest,
  table: OpenedTable,
  signal: AbortSignal,
): Promise<readonly (readonly string[])[]> {
  const grouping = createFileGrouping(sizing(context, request, table));
  try {
    for await (const files of table.snapshot.list({ signal })) for (const file of files) grouping.add(file);
  } finally {
    table.close?.();
  }
  return grouping.groups;
}

const ID_DIGITS = 32;

function idOf(uri: string): string {
  return createHash("sha256").update(uri).digest("hex").slice(0, ID_DIGITS);
}

function sizing({ generation, limits }: ServiceContext, request: GroupRequest, table: OpenedTable) {
  const { outputs } = request.policy;
  const columns = table.snapshot.columns.filter((column) => column.included).length;
  const statistics = outputs.has("table") || outputs.has("file") || outputs.has("column");
  const sketches = generation === "chunked" && request.properties["stats.ndv.enabled"] === "true";
  return {
    filesPerGroup: request.filesPerGroup > 0 ? request.filesPerGroup : limits.filesPerGroup,
    maxResultBytes: generation === "inline" ? limits.maxInboundMessageBytes : undefined,
    statsColumns: statistics ? columns : 0,
    indexColumns: outputs.has("page-index") ? table.snapshot.columns.length : 0,
    sketchColumns: sketches ? columns : 0,
  };
}

/** Upstream names: blank ones would be refused by a worker (decision 7). */
const NAMESPACE = ["local"];

function register(context: ServiceContext, accountId: string, tableId: string, table: OpenedTable): void {
  const { catalog } = context.store;
  const { connector } = table;
  const record = create(ConnectorSchema, {
    resourceId: { accountId, id: tableId, kind: openEnum(RESOURCE_KIND_CONNECTOR) },
    displayName: nameOf(table.uri),
    kind: connector.kind === "iceberg" ? ConnectorKind.CK_ICEBERG : ConnectorKind.CK_DELTA,
    uri: connector.uri,
    auth: table.catalog === undefined ? { scheme: "none" } : { ...table.catalog.auth },
    state: ConnectorState.CS_ACTIVE,
    properties: { ...connector.properties },
  });
  catalog.putConnector(accountId, tableId, toBinary(ConnectorSchema, record));
  catalog.putTable({
    accountId,
    tableId,
    connectorId: tableId,
    namespaceParts: table.catalog === undefined ? NAMESPACE : table.catalog.namespace.split("."),
    name: table.catalog?.table ?? nameOf(table.uri),
    upstreamUri: table.uri,
    properties: tableProperties(table),
  });
}

function nameOf(uri: string): string {
  const parts = uri.split(/[/\n]/).filter((part) => part.trim() !== "");
  return parts.at(-1) ?? "table";
}

function tableProperties(table: OpenedTable): Record<string, string> {
  if (table.catalog !== undefined) return { storage_location: table.catalog.storageLocation };
  if (table.format === "delta") return { storage_location: table.uri };
  if (table.format === "iceberg") return { [SNAPSHOT_METADATA_PROPERTY]: `${table.uri}/metadata/` };
  return {};
}

/** Numbers of `CaptureOutput` (01 §4.1). */
export const OUTPUT_NUMBER: Readonly<Record<CaptureOutput, number>> = {
  table: 1,
  file: 2,
  column: 3,
  "page-index": 4,
};
const SCOPE_NUMBER: Readonly<Record<DefaultColumnScope, number>> = {
  "first-n": 1,
  all: 2,
  "explicit-only": 3,
};

function scopeOf(policy: CapturePolicy, tableId: string): CaptureScope {
  return {
    destinationNamespaceIds: [],
    destinationTableId: tableId,
    destinationCaptureRequests: [],
    destinationViewId: "",
    capturePolicy: {
      columns: policy.columns,
      outputs: [...policy.outputs].map((output) => OUTPUT_NUMBER[output]).sort(),
      defaultColumnScope: SCOPE_NUMBER[policy.defaultColumnScope],
      maxDefaultColumns: policy.maxDefaultColumns,
    },
    snapshotSelection: undefined,
  };
}
