import {
  type CapturePool,
  captureFiles,
  createTableRollup,
  distinctSettings,
  type FileOutcome,
  openTable,
} from "../../src/capture/index.ts";
import {
  type CaptureOutput,
  type Generation,
  RESOURCE_KIND_TABLE,
  type SourceConnector,
  type StatsRecord,
  systemClock,
} from "../../src/model/index.ts";
import type { StoreSettings } from "../../src/storage/index.ts";
import type { TableSnapshot } from "../../src/table/index.ts";

/** Captures a whole table in this process, as `capture` does, but at a given time and with results as values. */
export interface CaptureSetup {
  readonly connector: SourceConnector;
  readonly store: StoreSettings;
  readonly pool: CapturePool;
  readonly snapshotId?: bigint | "latest";
  readonly generation?: Generation;
  readonly outputs?: readonly CaptureOutput[];
  readonly ndv?: boolean;
}

export interface CapturedTable {
  readonly snapshot: TableSnapshot;
  readonly outcomes: readonly FileOutcome[];
  /** TABLE and COLUMN records; none if a file failed. */
  readonly rolledUp: readonly StatsRecord[];
}

export const CAPTURED_AT_MS = 1_790_000_000_000;

export async function captureWholeTable(setup: CaptureSetup): Promise<CapturedTable> {
  const { connector, store, pool, generation = "chunked", snapshotId = "latest" } = setup;
  const outputs = new Set<CaptureOutput>(setup.outputs ?? ["table", "file", "column", "page-index"]);
  const { signal } = new AbortController();
  const policy = {
    columns: [],
    outputs,
    defaultColumnScope: "all",
    maxDefaultColumns: 32,
    properties: {},
  } as const;
  using opened = await openTable(
    { connector, namespace: "", table: "", store, policy, generation, snapshotId, fullRescan: false },
    signal,
  );
  if (opened === undefined) throw new Error(`there is no snapshot ${snapshotId}`);
  const { snapshot } = opened;
  const withNdv = { ...connector, properties: { ...connector.properties, "stats.ndv.enabled": "true" } };
  const distinct = setup.ndv === true ? distinctSettings(withNdv, "chunked") : undefined;
  const metadataNdv = distinct && (await snapshot.ndvFromMetadata?.({ thetaK: distinct.k, signal }));
  const rollup = createTableRollup(generation, { outputs, nowMs: CAPTURED_AT_MS });
  const outcomes: FileOutcome[] = [];
  const request = {
    generation,
    tableId: { accountId: "local", id: "table", kind: RESOURCE_KIND_TABLE },
    snapshotId: snapshot.snapshotId,
    policy,
    columns: snapshot.columns,
    store,
    distinct,
    metadataNdv,
    crc: "error",
    nowMs: CAPTURED_AT_MS,
  } as const;
  const files = await snapshot.files({ signal });
  for await (const outcome of captureFiles(request, files, { pool, clock: systemClock, signal })) {
    outcomes.push(outcome);
    if (outcome.ok && outcome.record !== undefined) rollup.add(outcome.record, outcome.ndvBeside);
  }
  const whole = outcomes.every((outcome) => outcome.ok);
  return { snapshot, outcomes, rolledUp: whole ? rollup.finish() : [] };
}

const NO_AUTH = { scheme: "none", properties: {}, headerHints: {} };

export function deltaTable(root: string): SourceConnector {
  return {
    resourceId: undefined,
    auth: NO_AUTH,
    kind: "delta",
    uri: "",
    properties: { "delta.source": "filesystem", "delta.table-root": root },
  };
}

export function icebergTable(uri: string): SourceConnector {
  return {
    resourceId: undefined,
    auth: NO_AUTH,
    kind: "iceberg",
    uri,
    properties: { "iceberg.source": "filesystem" },
  };
}

export function parquetTable(...locations: readonly string[]): SourceConnector {
  return {
    resourceId: undefined,
    auth: NO_AUTH,
    kind: "delta",
    uri: "",
    properties: { "delta.source": "parquet", "delta.table-root": locations.join("\n") },
  };
}
