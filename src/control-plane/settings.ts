import type { Generation } from "../model/index.ts";

/**
 * Every number of 02 §2, with the defaults of the generation and the peer's clamps. Times in milliseconds.
 */
export interface ControlPlaneLimits {
  readonly leaseMs: number;
  readonly leaseRenewGraceMs: number;
  readonly reclaimIntervalMs: number;
  /** Failed attempts and expired leases together; the last one is final. */
  readonly maxAttempts: number;
  readonly baseBackoffMs: number;
  readonly maxBackoffMs: number;
  /** How often leases are looked after, and finalizers run. */
  readonly maintenanceTickMs: number;
  /** Chunked: lease scans at the same time, and how long a further one waits for its turn. */
  readonly leaseMaxConcurrency: number;
  readonly leaseAcquireTimeoutMs: number;
  /** Chunked: how long a scan may take; 0 = no limit. */
  readonly leaseScanBudgetMs: number;
  /** What a cancel leaves of a running job's lease. */
  readonly cancelPokeMs: number;
  readonly idempotencyTtlMs: number;
  readonly idempotencyGcMs: number;
  readonly finishedJobRetentionMs: number;
  /** One message without its gRPC prefix (01 §10.3). */
  readonly maxInboundMessageBytes: number;
  /** Chunked: free text of errors. */
  readonly maxDetailChars: number;
  /** `floecat.errors.debug-details`. */
  readonly debugDetails: boolean;
  readonly filesPerGroup: number;
}

const SHARED: Omit<ControlPlaneLimits, "leaseMs" | "finishedJobRetentionMs" | "maxInboundMessageBytes"> = {
  leaseRenewGraceMs: 5000,
  reclaimIntervalMs: 5000,
  maxAttempts: 8,
  baseBackoffMs: 500,
  maxBackoffMs: 30_000,
  maintenanceTickMs: 1000,
  leaseMaxConcurrency: 8,
  leaseAcquireTimeoutMs: 250,
  leaseScanBudgetMs: 8000,
  cancelPokeMs: 1000,
  idempotencyTtlMs: 900_000,
  idempotencyGcMs: 60_000,
  maxDetailChars: 512,
  debugDetails: false,
  filesPerGroup: 8,
};

const DAY_MS = 86_400_000;

const DEFAULTS: Readonly<Record<Generation, ControlPlaneLimits>> = {
  inline: {
    ...SHARED,
    leaseMs: 30_000,
    finishedJobRetentionMs: 7 * DAY_MS,
    maxInboundMessageBytes: 262_144,
  },
  chunked: {
    ...SHARED,
    leaseMs: 120_000,
    finishedJobRetentionMs: DAY_MS,
    maxInboundMessageBytes: 67_108_864,
  },
};

export function controlPlaneLimits(
  generation: Generation,
  overrides: Partial<ControlPlaneLimits> = {},
): ControlPlaneLimits {
  const limits = { ...DEFAULTS[generation], ...overrides };
  const baseBackoffMs = Math.max(100, limits.baseBackoffMs);
  return {
    ...limits,
    leaseMs: Math.max(1000, limits.leaseMs),
    leaseRenewGraceMs: Math.max(0, limits.leaseRenewGraceMs),
    reclaimIntervalMs: Math.max(1000, limits.reclaimIntervalMs),
    maxAttempts: Math.max(1, limits.maxAttempts),
    baseBackoffMs,
    maxBackoffMs: Math.max(baseBackoffMs, limits.maxBackoffMs),
    leaseMaxConcurrency: Math.max(1, limits.leaseMaxConcurrency),
    leaseAcquireTimeoutMs: Math.max(0, limits.leaseAcquireTimeoutMs),
    leaseScanBudgetMs: Math.max(0, limits.leaseScanBudgetMs),
    idempotencyTtlMs: Math.max(1000, limits.idempotencyTtlMs),
    filesPerGroup: Math.max(1, limits.filesPerGroup),
  };
}

/** Habits of the real server that only cost a worker time, to be switched for tests of how it bears them (02 §12). */
export interface Quirks {
  /** 12.3: a write that ended in a retryable abort blocks its result id until it expires. On by default. */
  readonly pendingAfterAbort: boolean;
  /** §3.3, chunked: a lease call sees one page of each index and goes on there next time. Off by default. */
  readonly pagedScans: boolean;
}

export const DEFAULT_QUIRKS: Quirks = { pendingAfterAbort: true, pagedScans: false };
