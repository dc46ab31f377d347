import type { Generation } from "../../src/model/index.ts";

/** What one control plane and its workers are to do. */
export interface Scenario {
  readonly generation: Generation;
  readonly jobs: number;
  readonly leaseMs: number;
  /** Captures at a time of each worker. */
  readonly slots: number;
  /** How long the control plane takes for each message of a result. */
  readonly submitDelayMs: number;
  readonly work: Work;
}

export type Work =
  /** Nothing is asked of the groups: the cost is that of the calls alone. */
  | { readonly kind: "no-op" }
  /** A capture that takes no time and gives so many records, as long as that three of them fill a chunk. */
  | { readonly kind: "records"; readonly count: number }
  /** A capture thread that is busy for so long, and a sidecar of so many bytes. */
  | { readonly kind: "busy"; readonly ms: number; readonly sidecarBytes: number }
  /** A capture that ends with the process, while all capture threads decode. */
  | { readonly kind: "beats"; readonly decode: boolean };

/** What a worker process tells when it is asked to stop. */
export interface WorkerReport {
  /** Monotonic over processes of one machine: milliseconds since the epoch. */
  readonly firstLeaseAtMs: number;
  readonly lastEndAtMs: number;
  readonly ended: number;
  readonly failed: number;
  readonly messages: number;
  readonly bytes: number;
  /** How late each renewal was sent. */
  readonly beatDelaysMs: readonly number[];
  /** When a thread was busy for a group: from, to. */
  readonly captures: readonly (readonly [number, number])[];
  readonly rssBeforeMiB: number;
  readonly rssPeakMiB: number;
  readonly mostResults: number;
  readonly mostResultBytes: number;
}
