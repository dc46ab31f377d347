/** A leased payload as a file group (01 §4.5, 03 §8): what is trimmed, dropped, defaulted and refused. */
import {
  type CaptureColumnPolicy,
  type CaptureOutput,
  type CapturePolicy,
  type ConnectorKind,
  DEFAULT_MAX_COLUMNS,
  type DefaultColumnScope,
  type FileGroup,
  type Generation,
  type ResourceId,
  type SourceConnector,
} from "../../model/index.ts";
import { InvalidPayloadError } from "../port.ts";
import { resourceIdFrom, signed64 } from "../records/wire-values.ts";

type Maybe<T> = T | undefined;
type TextMap = Readonly<Record<string, string>>;

/** What is read of `LeasedFileGroupExecution`; both generations' messages fit. */
export interface PayloadMessage {
  readonly jobId: string;
  readonly leaseEpoch: string;
  readonly sourceConnector?: Maybe<ConnectorMessage>;
  readonly sourceNamespace: string;
  readonly sourceTable: string;
  readonly tableId?: Maybe<ResourceId>;
  readonly snapshotId: bigint;
  readonly planId: string;
  readonly groupId: string;
  readonly filePaths: readonly string[];
  readonly capturePolicy?: Maybe<PolicyMessage>;
  /** Chunked only. */
  readonly storageLocation?: Maybe<string>;
}

interface ConnectorMessage {
  readonly resourceId?: Maybe<ResourceId>;
  readonly kind: number;
  readonly uri: string;
  readonly auth?: Maybe<{
    readonly scheme: string;
    readonly properties: TextMap;
    readonly headerHints: TextMap;
  }>;
  readonly properties: TextMap;
}

interface PolicyMessage {
  readonly columns: readonly CaptureColumnPolicy[];
  readonly outputs: readonly number[];
  readonly defaultColumnScope: number;
  readonly maxDefaultColumns: number;
  /** Chunked only. */
  readonly properties?: Maybe<TextMap>;
}

export function fileGroupFrom(
  generation: Generation,
  payload: PayloadMessage,
  job: { readonly jobId: string; readonly leaseEpoch: string; readonly fullRescan: boolean },
): FileGroup {
  checkEcho("job id", payload.jobId, job.jobId);
  checkEcho("lease epoch", payload.leaseEpoch, job.leaseEpoch);
  return {
    generation,
    planId: payload.planId.trim(),
    groupId: payload.groupId.trim(),
    tableId: resourceIdFrom(payload.tableId),
    snapshotId: signed64(payload.snapshotId),
    sourceNamespace: payload.sourceNamespace.trim(),
    sourceTable: payload.sourceTable.trim(),
    connector: connectorFrom(payload.sourceConnector),
    filePaths: payload.filePaths.map((path) => path.trim()).filter((path) => path !== ""),
    policy: policyFrom(payload.capturePolicy),
    storageLocation: payload.storageLocation?.trim() ?? "",
    fullRescan: job.fullRescan,
  };
}

/** The payload has to be the leased job's (03 §18 row 7); a server that doesn't echo says nothing either way. */
function checkEcho(what: string, echoed: string, leased: string): void {
  if (echoed === "" || echoed === leased) return;
  const names = `${JSON.stringify(echoed)}, not ${JSON.stringify(leased)}`;
  throw new InvalidPayloadError(`the payload is of another job: its ${what} is ${names}`);
}

/** `ConnectorKind` by number (01 §7). */
const CONNECTOR_KINDS: readonly ConnectorKind[] = ["unspecified", "iceberg", "delta", "glue", "unity"];

function connectorFrom(message: Maybe<ConnectorMessage>): SourceConnector {
  return {
    resourceId: message?.resourceId && resourceIdFrom(message.resourceId),
    kind: CONNECTOR_KINDS[message?.kind ?? 0] ?? "unspecified",
    uri: message?.uri ?? "",
    properties: { ...message?.properties },
    auth: {
      scheme: message?.auth?.scheme ?? "",
      properties: { ...message?.auth?.properties },
      headerHints: { ...message?.auth?.headerHints },
    },
  };
}

/** `CaptureOutput` by number (01 §4.1); 0 and unknown numbers have no meaning. */
const OUTPUTS: readonly (CaptureOutput | undefined)[] = [undefined, "table", "file", "column", "page-index"];

/** `DefaultColumnScope` by number; everything else reads as first-n (01 §4.1). */
const SCOPES: ReadonlyMap<number, DefaultColumnScope> = new Map([
  [2, "all"],
  [3, "explicit-only"],
]);

function policyFrom(message: Maybe<PolicyMessage>): CapturePolicy {
  if (message === undefined || (message.columns.length === 0 && message.outputs.length === 0)) {
    return {
      columns: [],
      outputs: new Set(),
      defaultColumnScope: "first-n",
      maxDefaultColumns: DEFAULT_MAX_COLUMNS,
      properties: { ...message?.properties },
    };
  }
  return {
    columns: columnPolicies(message.columns),
    outputs: new Set(message.outputs.map(outputFrom)),
    defaultColumnScope: SCOPES.get(message.defaultColumnScope) ?? "first-n",
    maxDefaultColumns: maxColumns(message.maxDefaultColumns),
    properties: { ...message.properties },
  };
}

function outputFrom(number: number): CaptureOutput {
  const output = OUTPUTS[number];
  if (output === undefined) throw new InvalidPayloadError("capture output is required");
  return output;
}

/** The peer reads the `uint32` into a signed int, where values from 2³¹ on are negative (01 §3). */
function maxColumns(count: number): number {
  return count === 0 || count >= 2 ** 31 ? DEFAULT_MAX_COLUMNS : count;
}

function columnPolicies(columns: readonly CaptureColumnPolicy[]): CaptureColumnPolicy[] {
  const seen = new Map<string, CaptureColumnPolicy>();
  for (const { selector, captureStats, captureIndex } of columns) {
    const trimmed = selector.trim();
    if (trimmed === "" || !(captureStats || captureIndex)) continue;
    const key = JSON.stringify([trimmed, captureStats, captureIndex]);
    if (!seen.has(key)) seen.set(key, { selector: trimmed, captureStats, captureIndex });
  }
  return [...seen.values()];
}
