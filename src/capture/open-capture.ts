import type { CrcMode, ResourceId } from "../model/index.ts";
import type { TableSnapshot } from "../table/index.ts";
import type { DistinctSettings } from "./distinct-settings.ts";
import { type OpenedTable, openTable, type TableRequest } from "./open-table.ts";
import type { CaptureRequest } from "./request.ts";

/** What is to be captured, by whomever it was asked: a lease or a command. */
export interface CaptureSubject extends TableRequest {
  readonly tableId: ResourceId;
  /** Undefined: distinct values are not wanted. */
  readonly distinct: DistinctSettings | undefined;
  readonly crc: CrcMode;
  /** The one clock reading of the capture. */
  readonly nowMs: number;
}

/** Dispose it when the files have been captured. */
export interface OpenedCapture extends Disposable {
  readonly snapshot: TableSnapshot;
  readonly request: CaptureRequest;
}

/**
 * Opens the snapshot and lays down what the capture of its files needs, distinct values of the table's metadata included (04
 * §12). Undefined where `openTable` is.
 */
export async function openCapture(
  subject: CaptureSubject,
  signal: AbortSignal,
): Promise<OpenedCapture | undefined> {
  const opened = await openTable(subject, signal);
  if (opened === undefined) return undefined;
  try {
    return {
      ...(await captureOf(opened, subject, signal)),
      [Symbol.dispose]: () => opened[Symbol.dispose](),
    };
  } catch (error) {
    opened[Symbol.dispose]();
    throw error;
  }
}

async function captureOf({ snapshot, store }: OpenedTable, subject: CaptureSubject, signal: AbortSignal) {
  const { generation, tableId, policy, distinct, crc, nowMs } = subject;
  const metadataNdv = distinct && (await snapshot.ndvFromMetadata?.({ thetaK: distinct.k, signal }));
  const { snapshotId, columns } = snapshot;
  return {
    snapshot,
    request: {
      generation,
      tableId,
      snapshotId,
      policy,
      columns,
      store,
      distinct,
      metadataNdv,
      crc,
      nowMs,
    },
  };
}
