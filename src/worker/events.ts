/**
 * Everything that the worker has to tell, as data: logs and metrics are made of it elsewhere. `eventText` gives the names of
 * 03 §17.1 to those that the reference logs.
 */
import type { FileGroup } from "../model/index.ts";
import type { Completion, ControlPlaneCall, LeasedJob } from "../protocol/port.ts";
import type { CapturedFile } from "./capture-port.ts";
import { errorText, failureDetail, publicText } from "./failure.ts";
import type { JobEnd } from "./job-state.ts";

export type WorkerEvent =
  | { readonly type: "lease-call-failed"; readonly error: unknown; readonly overloaded: boolean }
  | { readonly type: "leased"; readonly job: LeasedJob }
  | { readonly type: "job-unfit"; readonly job: LeasedJob; readonly reason: string }
  | {
      readonly type: "beat-failed";
      readonly job: LeasedJob;
      readonly call: ControlPlaneCall;
      readonly error: unknown;
      /** `tolerated`: the lease still lives; `uncertain`: it may have run out; `fatal`: the answer was definite. */
      readonly effect: "tolerated" | "uncertain" | "fatal";
    }
  | {
      readonly type: "beat-refused";
      readonly job: LeasedJob;
      readonly call: ControlPlaneCall;
      readonly cancellationRequested: boolean;
    }
  /** Every beat: how much later than due it was sent, and how long its answer took. */
  | {
      readonly type: "beat";
      readonly job: LeasedJob;
      readonly delayMs: number;
      readonly durationMs: number;
    }
  | { readonly type: "beat-late"; readonly job: LeasedJob; readonly delayMs: number }
  | { readonly type: "beat-slow"; readonly job: LeasedJob; readonly durationMs: number }
  | {
      readonly type: "call-retried";
      readonly job: LeasedJob;
      readonly call: ControlPlaneCall;
      readonly error: unknown;
    }
  /** The payload is there and a capture slot is taken. */
  | { readonly type: "capture-started"; readonly job: LeasedJob; readonly group: FileGroup }
  | {
      readonly type: "file-captured";
      readonly job: LeasedJob;
      readonly group: FileGroup;
      /** With this one. */
      readonly filesCaptured: number;
      readonly file: CapturedFile;
    }
  /** The group is captured again with new ones. */
  | {
      readonly type: "credentials-ended";
      readonly job: LeasedJob;
      readonly group: FileGroup;
      readonly error: unknown;
    }
  | {
      readonly type: "group-captured";
      readonly job: LeasedJob;
      readonly group: FileGroup;
      readonly durationMs: number;
      readonly recordCount: number;
      readonly artifactCount: number;
    }
  /** The server has accepted the result: `durationMs` since its first message was sent. */
  | {
      readonly type: "result-taken";
      readonly job: LeasedJob;
      readonly durationMs: number;
      readonly messages: number;
      readonly bytes: number;
    }
  | {
      readonly type: "group-failed";
      readonly job: LeasedJob;
      readonly group: FileGroup | undefined;
      readonly error: unknown;
    }
  | {
      readonly type: "submission-skipped";
      readonly job: LeasedJob;
      readonly outcome: "success" | "failure";
      readonly group: FileGroup | undefined;
    }
  | { readonly type: "completion-rejected"; readonly job: LeasedJob; readonly completion: Completion }
  | {
      readonly type: "job-ended";
      readonly job: LeasedJob;
      readonly end: JobEnd;
      readonly durationMs: number;
    }
  | { readonly type: "draining"; readonly unfinished: number }
  | { readonly type: "handing-back"; readonly unfinished: number };

export type EventLevel = "debug" | "info" | "warn" | "error";

export interface EventText {
  readonly level: EventLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

const BEATS: Partial<Record<ControlPlaneCall, string>> = {
  reportReconcileProgress: "progress",
  getReconcileCancellation: "cancellation check",
};

const beatName = (call: ControlPlaneCall) => BEATS[call] ?? "lease heartbeat";

export function eventText(event: WorkerEvent): EventText {
  switch (event.type) {
    case "lease-call-failed":
      return event.overloaded
        ? text("debug", "Skipping reconcile poll cycle due to lease scan backpressure", because(event.error))
        : text("error", "Remote reconcile lease call failed", because(event.error));
    case "leased":
      return text("info", "Leased remote reconcile job", { ...about(event.job), kind: event.job.kind });
    case "job-unfit":
      return text("warn", "Leased reconcile job but no eligible executor matched locally", {
        ...about(event.job),
        kind: event.job.kind,
        reason: event.reason,
      });
    case "beat-failed":
      return beatFailedText(event);
    case "beat-refused":
      return text(
        "warn",
        `Remote reconcile ${event.call === "reportReconcileProgress" ? "progress" : "lease"} heartbeat rejected`,
        { ...about(event.job), cancellationRequested: event.cancellationRequested },
      );
    case "beat":
      return text("debug", "Lease heartbeat", {
        ...about(event.job),
        delayMs: event.delayMs,
        durationMs: Math.round(event.durationMs),
      });
    case "beat-late":
      return text("warn", "Remote reconcile lease heartbeat started late", {
        ...about(event.job),
        delayMs: event.delayMs,
      });
    case "beat-slow":
      return text("warn", "Remote reconcile lease heartbeat was slow", {
        ...about(event.job),
        durationMs: Math.round(event.durationMs),
      });
    case "call-retried":
      return text("debug", "Worker-control rpc is tried again", {
        ...about(event.job),
        op: event.call,
        ...because(event.error),
      });
    case "capture-started":
      return text("debug", "File group capture begins", {
        ...about(event.job),
        ...aboutGroup(event.group),
        files: event.group.filePaths.length,
      });
    case "file-captured":
      return text("debug", "File captured", {
        ...about(event.job),
        ...aboutGroup(event.group),
        file: publicText(event.file.path),
        durationMs: Math.round(event.file.durationMs),
        pages: event.file.pages,
        bytesRead: event.file.bytesRead,
      });
    case "credentials-ended":
      return text(
        "warn",
        "Storage credentials of the file group have ended; capturing it again with new ones",
        {
          ...about(event.job),
          ...aboutGroup(event.group),
          ...because(event.error),
        },
      );
    case "group-captured":
      return text("debug", "File group captured", {
        ...about(event.job),
        ...aboutGroup(event.group),
        durationMs: Math.round(event.durationMs),
        records: event.recordCount,
        artifacts: event.artifactCount,
      });
    case "result-taken":
      return text("debug", "File-group result accepted", {
        ...about(event.job),
        durationMs: Math.round(event.durationMs),
        messages: event.messages,
        bytes: event.bytes,
      });
    case "group-failed":
      return text("error", "File-group capture failed", {
        ...about(event.job),
        ...aboutGroup(event.group),
        // With its causes: the outermost error names no file.
        error: failureDetail(event.error),
      });
    case "submission-skipped":
      return text(
        "warn",
        event.outcome === "failure"
          ? "Skipping file-group failure submission because outer stop was requested during execution"
          : "Skipping file-group terminal success submission because outer stop was requested",
        { ...about(event.job), ...aboutGroup(event.group) },
      );
    case "completion-rejected":
      return text("warn", "Remote reconcile completion rejected", {
        ...about(event.job),
        state: event.completion.state,
      });
    case "job-ended":
      return jobEndedText(event);
    case "draining":
      return text("info", "Draining: no more jobs are leased", { unfinished: event.unfinished });
    case "handing-back":
      return text("warn", "Handing back unfinished jobs", { unfinished: event.unfinished });
  }
}

function beatFailedText(event: Extract<WorkerEvent, { type: "beat-failed" }>): EventText {
  const beat = `Remote reconcile ${beatName(event.call)}`;
  const fields = { ...about(event.job), ...because(event.error) };
  switch (event.effect) {
    case "tolerated":
      return text("warn", `${beat} failed; continuing with last confirmed lease state`, fields);
    case "uncertain":
      return text("warn", `${beat} state is uncertain`, fields);
    case "fatal":
      return text("warn", `${beat} failed`, fields);
  }
}

function jobEndedText(event: Extract<WorkerEvent, { type: "job-ended" }>): EventText {
  const { end } = event;
  const fields = { ...about(event.job), durationMs: Math.round(event.durationMs) };
  switch (end.at) {
    case "done":
      return text("info", "Remote reconcile job outcome", { ...fields, result: end.outcome });
    case "dropped":
      return text("warn", "Remote reconcile lease lost", { ...fields, reason: end.reason });
    case "abandoned":
      return text(
        "warn",
        "Remote reconcile terminal state is uncertain; leaving lease for retry after expiry",
        { ...fields, reason: end.reason },
      );
  }
}

function text(level: EventLevel, message: string, fields: EventText["fields"]): EventText {
  return { level, message, fields };
}

function about(job: LeasedJob) {
  return {
    jobId: job.jobId,
    leaseEpoch: job.leaseEpoch,
    account: job.accountId,
    connector: job.connectorId,
  };
}

function aboutGroup(group: FileGroup | undefined) {
  return {
    planId: group?.planId ?? "",
    groupId: group?.groupId ?? "",
    tableId: group?.tableId.id ?? "",
    snapshotId: String(group?.snapshotId ?? 0n),
  };
}

function because(error: unknown) {
  return { error: errorText(error) };
}
