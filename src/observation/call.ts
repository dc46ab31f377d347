import type { ControlPlaneCall, Lease, LeasedJob } from "../protocol/port.ts";

/** One attempt of a call on the control plane, as it ended. */
export interface ObservedCall {
  readonly call: ControlPlaneCall;
  /** Of a call about a job. */
  readonly lease: Lease | undefined;
  readonly startedAtMs: number;
  /** Monotonic. */
  readonly durationMs: number;
  /** `OK`, the gRPC status of a refusal, or `CANCELLED` where we gave up. */
  readonly code: string;
  /** The lease counts from when the call was sent. */
  readonly renewedLease: boolean;
  readonly leasedJob: LeasedJob | undefined;
}
