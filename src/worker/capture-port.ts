/**
 * What the worker asks of the capture side: one group in, its records and sidecars out (03 §9). The engine behind it knows no
 * lease and no job; whoever wires the two gives it a way to vend credentials for the lease.
 */
import type { FileGroup, IndexArtifact, StatsRecord } from "../model/index.ts";
import type { Lease } from "../protocol/port.ts";

export interface GroupCapture {
  /**
   * A hint that this group comes next: table metadata and footers may be read ahead. It takes no capture slot, must bound
   * its own memory, and its failure isn't one of the group: `capture` meets the same trouble and reports it.
   */
  prefetch?(
    group: FileGroup,
    options: { readonly lease: Lease; readonly signal: AbortSignal },
  ): Promise<void>;

  /**
   * Captures the group. Rejects within 100 ms once `signal` aborts (decision 28). Errors decide the outcome by their type
   * (03 §12.1, decision 25): `SourceMissingError` cancels the job, `AccessDeniedError` fails it for good, a
   * `ControlPlaneError` of kind `lease-lost` (met when vending credentials) drops it, any other is an ordinary failure.
   */
  capture(group: FileGroup, options: CaptureOptions): Promise<CapturedGroup>;
}

export interface CaptureOptions {
  /** For credentials bound to the lease. */
  readonly lease: Lease;
  readonly signal: AbortSignal;
  /** Called after each file. */
  readonly onProgress: (progress: CaptureProgress) => void;
}

export interface CaptureProgress {
  readonly filesCaptured: number;
  /** FILE records of planned paths made so far: never more than the result will hold (03 §7.3). */
  readonly statsProcessed: number;
  /** The file that has just been captured, for those who watch; what the server is told is made of the totals. */
  readonly file?: CapturedFile;
}

export interface CapturedFile {
  readonly path: string;
  readonly durationMs: number;
  readonly rows: bigint | undefined;
  readonly pages: number;
  readonly bytesRead: number;
  /** Reads of the object store. */
  readonly requests: number;
}

export interface CapturedGroup {
  /** Partial aggregates, each target once, then FILE records (03 §9.5). */
  readonly statsRecords: readonly StatsRecord[];
  /** In planned-path order (03 §9.6). */
  readonly artifacts: readonly IndexArtifact[];
}
