/** The worker runtime: 03 §2 under the reference's names, and the limits of its stages under ours (decisions 5, 6, 26, 38). */
import { z } from "zod";
import { settingInfo } from "./setting.ts";
import { clampedNumber, flag, oneOf, text, wholeNumber } from "./values.ts";

/** Never on the wire, so the worker and the control plane must be set alike (02 §2). */
export const leaseMs = clampedNumber(1000).optional().register(settingInfo, {
  key: "floecat.reconciler.job-store.lease-ms",
  flag: "lease-ms",
  unit: "ms, at least 1000",
  unset: "30000 for inline, 120000 for chunked",
  doc: "How long the control plane grants a lease. It is told by nobody: set it as the control plane has it.",
});

export const workerSettings = z.object({
  mode: oneOf(["local", "remote"]).register(settingInfo, {
    key: "floecat.reconciler.worker.mode",
    default: "remote",
    doc: "Read for compatibility; a worker of ours is always remote.",
  }),
  fileGroupsEnabled: flag().register(settingInfo, {
    key: "floecat.reconciler.executor.remote-file-group.enabled",
    env: ["FLOECAT_RECONCILER_REMOTE_FILE_GROUP_EXECUTOR_ENABLED"],
    default: "true",
    doc: "`false` leases nothing.",
  }),
  maxParallelism: clampedNumber(0)
    .optional()
    .register(settingInfo, {
      key: "reconciler.max-parallelism",
      env: ["FLOECAT_RECONCILER_MAX_PARALLELISM"],
      flag: "max-parallelism",
      unit: "groups",
      unset: "the number of capture threads",
      doc: "Groups captured at a time; 0 or less leases nothing.",
    }),
  leaseMs,
  heartbeatMs: clampedNumber(1000).optional().register(settingInfo, {
    key: "reconciler.lease-heartbeat-ms",
    unit: "ms, at least 1000",
    unset: "a third of the lease for inline, a quarter but at most 10000 for chunked",
    doc: "Period of a lease's heartbeat, at most a third of the lease.",
  }),
  instance: text().optional().register(settingInfo, {
    key: "floecat.capture.worker.instance",
    flag: "instance",
    unset: "the host name alone",
    doc: "Tells workers of one host apart: the worker's identity is the host name, followed by this.",
  }),
  prefetchedGroups: wholeNumber(0).register(settingInfo, {
    key: "floecat.capture.worker.prefetched-groups",
    default: "2",
    unit: "groups",
    doc: "Leased groups whose payload and footers are fetched while others are captured.",
  }),
  maxPendingResults: wholeNumber(1).register(settingInfo, {
    key: "floecat.capture.worker.max-pending-results",
    default: "256",
    unit: "groups",
    doc: "Captured groups that may wait for the control plane to take their result, each with its lease and heartbeat. 18 s for a result and 150 ms for a capture on two slots need about 240.",
  }),
  maxPendingResultBytes: wholeNumber(1).register(settingInfo, {
    key: "floecat.capture.worker.max-pending-result-bytes",
    default: "268435456",
    unit: "bytes",
    doc: "No capture starts while the results that wait are larger than this.",
  }),
  drainGraceMs: wholeNumber(0).register(settingInfo, {
    key: "floecat.capture.worker.drain-grace-ms",
    flag: "drain-grace-ms",
    default: "30000",
    unit: "ms",
    doc: "How long running groups may go on after SIGTERM before they are handed back.",
  }),
  handBackMs: wholeNumber(0).register(settingInfo, {
    key: "floecat.capture.worker.hand-back-ms",
    default: "5000",
    unit: "ms",
    doc: "How long handing back what is left may take after that.",
  }),
  allowLocal: text().optional().register(settingInfo, {
    key: "floecat.capture.worker.allow-local",
    flag: "allow-local",
    unset: "no path on this machine is read",
    doc: "Folder below which leased paths of this machine are read.",
  }),
  allowTestRoot: flag().register(settingInfo, {
    key: "floecat.capture.worker.allow-test-root",
    flag: "allow-test-root",
    default: "false",
    doc: "Whether `fs.floecat.test-root` of a connector is followed; it names a folder of this machine.",
  }),
});
