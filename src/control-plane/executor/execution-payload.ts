import { fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { RESOURCE_KIND_TABLE, UsageError } from "../../model/index.ts";
import {
  type Connector,
  ConnectorKind,
  ConnectorSchema,
} from "../../protocol/chunked/gen/floecat/connector/connector_pb.ts";
import type { LeasedFileGroupExecutionSchema } from "../../protocol/chunked/gen/floecat/reconciler/reconciler_pb.ts";
import { openEnum, unsigned64 } from "../../protocol/records/wire-values.ts";
import { badArgument, failedPrecondition, notFound } from "../errors/index.ts";
import type { Job, ScopePolicy } from "../jobs/index.ts";
import type { ServiceContext } from "../service.ts";
import type { CatalogTable } from "../store/index.ts";
import type { ActiveGroup } from "./active-group.ts";
import { dereferenced, type SecretLookup } from "./references.ts";
import { resolveCredentials } from "./resolve-credentials.ts";
import { storageLocation } from "./storage-location.ts";

/**
 * The payload of a leased file group (02 §4.6 from step 7). Written in chunked's message, of which inline's is a part: what
 * inline lacks falls away when it is encoded there.
 */
export async function executionPayload(
  context: ServiceContext,
  { job, snapshot, planned }: ActiveGroup,
  leaseEpoch: string,
): Promise<MessageInitShape<typeof LeasedFileGroupExecutionSchema>> {
  const { catalog } = context.store;
  const table = catalog.table(job.accountId, snapshot.tableId);
  if (table === undefined) throw notFound("table", snapshot.tableId);
  if (table.connectorId === "") {
    throw failedPrecondition("table upstream connector metadata is required for file-group execution");
  }
  const connector = catalog.connector(job.accountId, table.connectorId);
  if (connector === undefined) throw notFound("connector", table.connectorId);
  return {
    jobId: job.jobId,
    leaseEpoch,
    parentJobId: job.parentJobId,
    sourceConnector: await sourceConnector(context, connector, table),
    sourceNamespace: table.namespaceParts.join("."),
    sourceTable: table.name,
    tableId: { accountId: job.accountId, id: snapshot.tableId, kind: openEnum(RESOURCE_KIND_TABLE) },
    snapshotId: unsigned64(snapshot.snapshotId),
    planId: planned.planId,
    groupId: planned.groupId,
    filePaths: planned.filePaths.map((path) => path.trim()).filter((path) => path !== ""),
    capturePolicy: effectivePolicy(job),
    storageLocation: storageLocation(table),
  };
}

/** The stored connector, its credentials resolved. */
async function sourceConnector(
  { generation, issuers, secrets }: ServiceContext,
  bytes: Uint8Array,
  table: CatalogTable,
): Promise<Connector> {
  const connector = fromBinary(ConnectorSchema, bytes);
  await resolveCredentials(connector, generation, issuers);
  resolveReferences(connector, secrets);
  const location = table.properties.storage_location ?? "";
  if (connector.kind !== ConnectorKind.CK_DELTA || location.trim() === "") return connector;
  if (generation === "chunked") {
    connector.properties = { ...connector.properties, storage_location: location };
  } else if (table.namespaceParts.length > 0) {
    connector.properties = {
      ...connector.properties,
      "delta.table-root.hint.full-name": `${table.namespaceParts.join(".")}.${table.name}`,
      "delta.table-root.hint.location": location,
    };
  }
  return connector;
}

/** Changes the connector. */
function resolveReferences(connector: Connector, secrets: SecretLookup): void {
  try {
    connector.properties = dereferenced(connector.properties, secrets);
    if (connector.auth === undefined) return;
    connector.auth.properties = dereferenced(connector.auth.properties, secrets);
  } catch (error) {
    throw error instanceof UsageError ? failedPrecondition(error.message) : error;
  }
}

/** `CM_METADATA_ONLY` (01 §4.1). */
const MODE_METADATA_ONLY = 1;
/** `DCS_FIRST_N` (01 §4.1). */
const SCOPE_FIRST_N = 1;
const DEFAULT_MAX_COLUMNS = 32;

/** The policy of the job's scope as the payload delivers it: enabled columns once each, defaults filled in. */
function effectivePolicy(job: Job) {
  const policy = job.scope.capturePolicy;
  if (policy === undefined) {
    if (job.mode !== MODE_METADATA_ONLY) {
      throw badArgument("capture policy is required for capture reconcile modes");
    }
    return { columns: [], outputs: [] };
  }
  const { defaultColumnScope, maxDefaultColumns } = policy;
  return {
    columns: enabledColumns(policy),
    outputs: [...new Set(policy.outputs)].map(openEnum),
    defaultColumnScope: openEnum(
      defaultColumnScope >= 1 && defaultColumnScope <= 3 ? defaultColumnScope : SCOPE_FIRST_N,
    ),
    maxDefaultColumns: maxDefaultColumns >= 1 ? maxDefaultColumns : DEFAULT_MAX_COLUMNS,
  };
}

function enabledColumns(policy: ScopePolicy) {
  const enabled = policy.columns
    .map((column) => ({ ...column, selector: column.selector.trim() }))
    .filter((column) => column.selector !== "" && (column.captureStats || column.captureIndex));
  const distinct = new Map(enabled.map((column) => [JSON.stringify(column), column]));
  return [...distinct.values()];
}
