/** The embedded control plane: 02 §2 under the reference's names, and where it listens and keeps its data under ours. */
import { z } from "zod";
import { settingInfo } from "./setting.ts";
import { clampedNumber, flag, oneOf, socketAddress, text, wholeNumber } from "./values.ts";
import { leaseMs } from "./worker.ts";

const STORE = "floecat.reconciler.job-store";

export const embeddedSettings = z.object({
  listen: socketAddress().register(settingInfo, {
    key: "floecat.capture.embedded.listen",
    flag: "listen",
    default: "127.0.0.1:9100",
    doc: "Address and port that the embedded control plane listens on.",
  }),
  dataDir: text().register(settingInfo, {
    key: "floecat.capture.embedded.data-dir",
    flag: "data",
    default: "./floecat-control-plane",
    doc: "Folder of its jobs, results and blobs.",
  }),
  authoritiesFile: text().optional().register(settingInfo, {
    key: "floecat.capture.embedded.authorities-file",
    flag: "authorities",
    unset: "none: workers use the credentials that they find themselves",
    doc: "JSON file of storage authorities: whose S3 credentials workers are given for which locations.",
  }),
  wire: oneOf(["inline", "chunked"]).register(settingInfo, {
    key: "floecat.capture.embedded.wire",
    flag: "wire",
    default: "chunked",
    doc: "Wire generation that it speaks.",
  }),
  chaos: text().optional().register(settingInfo, {
    key: "floecat.capture.embedded.chaos",
    flag: "chaos",
    unset: "no faults",
    doc: "Faults on purpose, for tests of workers: `name=value` separated by commas, such as `seed=7,rate=0.1,restart-every-ms=20000`. The names are listed by `floecat-capture control-plane --help`.",
  }),
  leaseMs,
  leaseRenewGraceMs: clampedNumber(0)
    .optional()
    .register(settingInfo, {
      key: `${STORE}.lease-renew-grace-ms`,
      unit: "ms",
      unset: "5000",
      doc: "How long after its end a lease can still be renewed (inline).",
    }),
  reclaimIntervalMs: clampedNumber(1000)
    .optional()
    .register(settingInfo, {
      key: `${STORE}.reclaim-interval-ms`,
      unit: "ms, at least 1000",
      unset: "5000",
      doc: "How often expired leases are taken back.",
    }),
  maxAttempts: clampedNumber(1)
    .optional()
    .register(settingInfo, {
      key: `${STORE}.max-attempts`,
      flag: "max-attempts",
      unset: "8",
      doc: "Failed attempts and expired leases together after which a job has failed.",
    }),
  baseBackoffMs: clampedNumber(100)
    .optional()
    .register(settingInfo, {
      key: `${STORE}.base-backoff-ms`,
      flag: "base-backoff-ms",
      unit: "ms, at least 100",
      unset: "500",
      doc: "Wait before a job's second attempt; doubled for each further one.",
    }),
  maxBackoffMs: clampedNumber(100)
    .optional()
    .register(settingInfo, {
      key: `${STORE}.max-backoff-ms`,
      unit: "ms",
      unset: "30000",
      doc: "Longest wait before an attempt.",
    }),
  leaseMaxConcurrency: clampedNumber(1)
    .optional()
    .register(settingInfo, {
      key: `${STORE}.lease-max-concurrency`,
      unset: "8",
      doc: "Lease calls that look for a job at the same time (chunked).",
    }),
  leaseAcquireTimeoutMs: clampedNumber(0)
    .optional()
    .register(settingInfo, {
      key: `${STORE}.lease-acquire-timeout-ms`,
      unit: "ms",
      unset: "250",
      doc: "How long a further one waits for its turn (chunked).",
    }),
  leaseScanBudgetMs: clampedNumber(0)
    .optional()
    .register(settingInfo, {
      key: `${STORE}.lease-scan-budget-ms`,
      unit: "ms",
      unset: "8000",
      doc: "How long one may look, 0 without limit (chunked).",
    }),
  idempotencyTtlSeconds: clampedNumber(1).optional().register(settingInfo, {
    key: "floecat.idempotency.ttl-seconds",
    unit: "s",
    unset: "900",
    doc: "How long a result id is remembered.",
  }),
  finishedJobRetentionMs: clampedNumber(0).optional().register(settingInfo, {
    key: "floecat.gc.reconcile-jobs.retention-ms",
    unit: "ms",
    unset: "604800000 for inline, 86400000 for chunked",
    doc: "How long ended jobs are kept.",
  }),
  maxInboundMessageBytes: wholeNumber(1024).optional().register(settingInfo, {
    key: "quarkus.grpc.server.max-inbound-message-size",
    flag: "max-message-bytes",
    unit: "bytes",
    unset: "262144 for inline, 67108864 for chunked",
    doc: "Largest message that it takes.",
  }),
  debugDetails: flag().optional().register(settingInfo, {
    key: "floecat.errors.debug-details",
    unset: "false",
    doc: "Whether errors carry a DebugInfo detail.",
  }),
});
