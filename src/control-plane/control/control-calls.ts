import type {
  CancelReconcileJobRequest,
  GetFinalizedSnapshotStatusRequest,
  ListReconcileJobsRequest,
} from "../../protocol/chunked/gen/floecat/reconciler/reconciler_pb.ts";
import { openEnum, timestampInit } from "../../protocol/records/wire-values.ts";
import type { ChangeNotice } from "../admin/change-notice.ts";
import { badArgument, unknownResource } from "../errors/index.ts";
import { isCancelRequested, type Job } from "../jobs/index.ts";
import type { Caller, ServiceContext } from "../service.ts";
import { type CaptureNowMessage, captureNow } from "./capture-now.ts";
import { type JobMessages, stateFrom } from "./job-messages.ts";
import { pageToken, parsePageToken } from "./page-token.ts";
import { type StartCaptureMessage, startCapture } from "./start-capture.ts";

/** Job control for operators (02 §8). Only jobs of the caller's account are seen. */
export function controlCalls(context: ServiceContext, messages: JobMessages, changes: ChangeNotice) {
  const { store, engine } = context;

  function ownJob(jobId: string, caller: Caller): Job {
    const job = store.jobs.get(jobId.trim());
    if (job === undefined || job.accountId !== caller.principal.accountId) {
      throw unknownResource("job", jobId);
    }
    return job;
  }

  function withDescendants(job: Job): Job[] {
    return [job, ...store.jobs.children(job.jobId).flatMap(withDescendants)];
  }

  return {
    start(request: StartCaptureMessage, caller: Caller) {
      const unspecifiedMode = () => badArgument("capture mode must be specified");
      return { jobId: startCapture(context, request, caller, { unspecifiedMode }).jobId };
    },

    async captureNow(request: CaptureNowMessage, caller: Caller) {
      const { counters } = await captureNow(context, request, caller, changes);
      const { tablesScanned, tablesChanged, errors, viewsScanned, viewsChanged } = counters;
      return { tablesScanned, tablesChanged, errors, viewsScanned, viewsChanged };
    },

    get(request: { readonly jobId: string }, caller: Caller) {
      return messages.job(ownJob(request.jobId, caller), { counted: true });
    },

    tree(request: { readonly jobId: string }, caller: Caller) {
      const jobs = withDescendants(ownJob(request.jobId, caller));
      return { jobs: jobs.map((job) => messages.job(job, { counted: false })) };
    },

    list(request: ListReconcileJobsRequest, caller: Caller) {
      const asked = request.page?.pageSize ?? 0;
      const pageSize = asked > 0 ? Math.min(asked, MAX_PAGE_SIZE) : DEFAULT_PAGE_SIZE;
      const jobs = store.jobs.list({
        accountId: caller.principal.accountId,
        connectorId: request.connectorId.trim(),
        states: request.states.flatMap((state) => stateFrom(state) ?? []),
        rootsOnly: request.rootsOnly,
        after: parsePageToken(request.page?.pageToken ?? ""),
        limit: pageSize + 1,
      });
      const page = jobs.slice(0, pageSize);
      const last = page.at(-1);
      return {
        jobs: page.map((job) => messages.job(job, { counted: false })),
        page: { nextPageToken: jobs.length > pageSize && last ? pageToken(last) : "", totalSize: 0 },
      };
    },

    /** NOT_FOUND also for a file group that has already ended well or badly (02 §8). */
    cancel(request: CancelReconcileJobRequest, caller: Caller) {
      const job = ownJob(request.jobId, caller);
      if (job.kind === "exec-file-group" && (job.state === "succeeded" || job.state === "failed")) {
        throw unknownResource("job", request.jobId);
      }
      const cancelled = engine.cancel(job.jobId, request.reason) ?? job;
      return {
        cancelled: isCancelRequested(cancelled.state),
        job: messages.job(cancelled, { counted: true }),
      };
    },

    /** Chunked: `FSS_FINALIZED` once a finalizer of the snapshot has succeeded. */
    finalizedStatus(request: GetFinalizedSnapshotStatusRequest, caller: Caller) {
      const finalizer = store.jobs
        .ofSnapshot(
          caller.principal.accountId,
          request.tableId?.id ?? "",
          BigInt.asIntN(64, request.snapshotId),
          "finalize-snapshot-capture",
        )
        .filter((job) => job.state === "succeeded")
        .sort((a, b) => b.finishedAtMs - a.finishedAtMs)[0];
      if (finalizer === undefined) return { status: openEnum(FSS.pending) };
      return {
        status: openEnum(FSS.finalized),
        finalizedAt: timestampInit(finalizer.finishedAtMs),
        finalizerJobId: finalizer.jobId,
      };
    },
  };
}

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1000;
/** Numbers of `FinalizedSnapshotStatus`. */
const FSS = { pending: 1, finalized: 2 } as const;
