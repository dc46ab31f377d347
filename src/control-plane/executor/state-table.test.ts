/** 02 §9: every event in every state of a leased file group, as a worker sees it. */
import { describe, expect, test } from "vitest";
import {
  fileResult,
  type Harness,
  LEASE_LOST,
  leaseOf,
  rootMessage,
  seed,
  start,
} from "../../../test/support/control-plane/harness.ts";
import type { Answer, Fields } from "../../../test/support/control-plane/independent-client.ts";
import { NO_COUNTERS } from "../jobs/index.ts";

type Generation = "inline" | "chunked";

/** Brings a job into a state; the epoch that its worker holds. */
type Arrange = (harness: Harness, jobId: string) => string;

const leased: Arrange = ({ engine }, jobId) => engine.leaseJob(jobId)?.lease.epoch ?? "";

const cancelling: Arrange = (harness, jobId) => {
  const epoch = leased(harness, jobId);
  harness.engine.cancel(jobId, "stop");
  return epoch;
};

/** Expired `agoMs` ago, not reclaimed yet. */
const expired =
  (before: Arrange, agoMs: number): Arrange =>
  (harness, jobId) => {
    const epoch = before(harness, jobId);
    const lease = harness.store.leases.get(jobId);
    if (lease !== undefined) {
      harness.store.leases.put({ ...lease, expiresAtMs: harness.clock.nowMs() - agoMs });
    }
    return epoch;
  };

const ended =
  (kind: "succeeded" | "failed-retryable" | "failed-terminal" | "cancelled"): Arrange =>
  (harness, jobId) => {
    const epoch = leased(harness, jobId);
    harness.engine.complete(jobId, epoch, { kind, message: "end", counters: NO_COUNTERS });
    return epoch;
  };

const STATES = {
  "RUNNING T": leased,
  "RUNNING X": expired(leased, 100),
  "RUNNING XX": expired(leased, 5001),
  "CANCELLING T": cancelling,
  "CANCELLING X": expired(cancelling, 100),
  QUEUED: ended("failed-retryable"),
  SUCCEEDED: ended("succeeded"),
  FAILED: ended("failed-terminal"),
  CANCELLED: ended("cancelled"),
} as const;
type StateName = keyof typeof STATES;

type Event = (harness: Harness, lease: Fields) => Promise<string>;

const call =
  (method: string, request: Fields, tell: (answer: Answer) => string): Event =>
  async (harness, lease) =>
    tell(await harness.call(method, { ...lease, ...request }));

const flags = (answer: Answer, held: string) =>
  `${answer.response[held]}${answer.response.cancellation_requested === true ? " cancel" : ""}`;

/** `ok`, `FP lease` or the code of another refusal. */
const refusal = (answer: Answer) => {
  if (answer.code === 0) return "ok";
  return rootMessage(answer) === LEASE_LOST ? "FP lease" : `code ${answer.code}`;
};

const submit = (outcome: Fields) =>
  call("SubmitLeasedFileGroupExecutionResult", outcome, (answer) =>
    answer.code === 0 ? `accepted ${answer.response.accepted}` : refusal(answer),
  );

const complete = (fields: Fields) =>
  call("CompleteLeasedReconcileJob", fields, (answer) => String(answer.response.accepted));

const failed = (disposition: string, retryClass = "RFRC_UNSPECIFIED") =>
  complete({
    state: "RCS_FAILED",
    failure_retry_disposition: disposition,
    failure_retry_class: retryClass,
    message: "boom",
  });

const EVENTS = {
  Renew: call("RenewReconcileLease", {}, (answer) => flags(answer, "renewed")),
  Start: call("StartLeasedReconcileJob", { executor_id: "w" }, refusal),
  Progress: call("ReportReconcileProgress", { message: "on" }, (answer) => flags(answer, "lease_valid")),
  GetCancellation: call("GetReconcileCancellation", { lease_epoch: undefined }, (answer) =>
    String(answer.response.cancellation_requested),
  ),
  GetExecution: call("GetLeasedFileGroupExecution", {}, refusal),
  "Submit chunk": submit({ chunk: { result_id: "r" } }),
  "Submit success": submit({ success: { result_id: "r", file_results: [fileResult("f")] } }),
  "Submit failure": submit({ failure: { result_id: "r", message: "boom" } }),
  "Complete SUCCEEDED": complete({ state: "RCS_SUCCEEDED" }),
  "Complete retryable": failed("RFRD_RETRYABLE"),
  "Complete dependency": failed("RFRD_RETRYABLE", "RFRC_DEPENDENCY_NOT_READY"),
  "Complete terminal": failed("RFRD_TERMINAL"),
  "Complete CANCELLED": complete({ state: "RCS_CANCELLED" }),
} satisfies Record<string, Event>;
type EventName = keyof typeof EVENTS;

/** Answer, and where it isn't the same, the state afterwards behind an arrow. */
type Row = Partial<Record<StateName, string>>;

const everywhere = (answer: string): Row =>
  Object.fromEntries(Object.keys(STATES).map((state) => [state, answer]));

const LOST: Row = {
  QUEUED: "FP lease",
  SUCCEEDED: "FP lease",
  FAILED: "FP lease",
  CANCELLED: "FP lease",
  "RUNNING XX": "FP lease",
};

const CHUNKED: Record<EventName, Row> = {
  Renew: {
    ...everywhere("false"),
    "RUNNING T": "true",
    "CANCELLING T": "true cancel",
    "CANCELLING X": "false cancel",
    CANCELLED: "false cancel",
  },
  Start: everywhere("ok"),
  Progress: {
    ...everywhere("false"),
    "RUNNING T": "true",
    "CANCELLING T": "true cancel",
    "CANCELLING X": "false cancel",
    CANCELLED: "false cancel",
  },
  GetCancellation: {
    ...everywhere("false"),
    "CANCELLING T": "true",
    "CANCELLING X": "true",
    CANCELLED: "true",
  },
  GetExecution: { ...everywhere("FP lease"), "RUNNING T": "ok", "CANCELLING T": "ok" },
  "Submit chunk": {
    ...everywhere("FP lease"),
    "RUNNING T": "accepted true",
    "CANCELLING T": "accepted true",
  },
  "Submit success": {
    ...everywhere("FP lease"),
    "RUNNING T": "accepted true → succeeded",
    "CANCELLING T": "code 13",
  },
  "Submit failure": { ...everywhere("FP lease"), "RUNNING T": "accepted true", "CANCELLING T": "code 13" },
  "Complete SUCCEEDED": {
    ...everywhere("false"),
    "RUNNING T": "true → succeeded",
    "RUNNING X": "true → succeeded",
    "RUNNING XX": "true → succeeded",
    "CANCELLING T": "true → cancelled",
    "CANCELLING X": "true → cancelled",
    SUCCEEDED: "true",
  },
  "Complete retryable": {
    ...everywhere("false"),
    "RUNNING T": "true → queued",
    "CANCELLING T": "true → cancelled",
  },
  "Complete dependency": {
    ...everywhere("false"),
    "RUNNING T": "true → queued",
    "CANCELLING T": "true → cancelled",
  },
  "Complete terminal": {
    ...everywhere("false"),
    "RUNNING T": "true → failed",
    "RUNNING X": "true → failed",
    "RUNNING XX": "true → failed",
    "CANCELLING T": "true → cancelled",
    "CANCELLING X": "true → cancelled",
  },
  "Complete CANCELLED": {
    ...everywhere("false"),
    "RUNNING T": "true → cancelled",
    "RUNNING X": "true → cancelled",
    "RUNNING XX": "true → cancelled",
    "CANCELLING T": "true → cancelled",
    "CANCELLING X": "true → cancelled",
  },
};

/** 02 §9.2: what inline does otherwise, within the 5 s of grace and after them. */
const INLINE: Record<EventName, Row> = {
  ...CHUNKED,
  Renew: { ...CHUNKED.Renew, "RUNNING X": "true", "CANCELLING X": "true cancel" },
  Progress: { ...CHUNKED.Progress, "RUNNING X": "true", "CANCELLING X": "true cancel" },
  GetExecution: { ...CHUNKED.GetExecution, "RUNNING X": "ok", "CANCELLING X": "ok" },
  "Submit chunk": {},
  "Submit success": { ...everywhere("accepted true"), ...LOST },
  "Submit failure": { ...everywhere("accepted true"), ...LOST },
  "Complete SUCCEEDED": { ...CHUNKED["Complete SUCCEEDED"], "RUNNING XX": "false", SUCCEEDED: "false" },
  "Complete terminal": { ...CHUNKED["Complete terminal"], "RUNNING XX": "false" },
  "Complete CANCELLED": { ...CHUNKED["Complete CANCELLED"], "RUNNING XX": "false" },
};

async function column(generation: Generation, state: StateName, table: Record<EventName, Row>) {
  const harness = await start(generation);
  const names = Object.keys(EVENTS).filter(isEvent);
  // Each event has a job of its own.
  seed(harness, { groups: names.map(() => ["f"]) });
  const found: Partial<Record<EventName, string>> = {};
  const expected: Partial<Record<EventName, string>> = {};
  for (const [index, name] of names.entries()) {
    if (table[name][state] === undefined) continue;
    const jobId = `job-${index + 1}`;
    const lease = leaseOf(STATES[state](harness, jobId), jobId);
    const before = harness.job(jobId).state;
    const request = generation === "inline" && name === "Submit success" ? inlineSuccess : EVENTS[name];
    const answer = await request(harness, lease);
    const after = harness.job(jobId).state;
    found[name] = before === after ? answer : `${answer} → ${after}`;
    expected[name] = table[name][state];
  }
  return { found, expected };
}

const inlineSuccess = submit({ success: { result_id: "r" } });

function isEvent(name: string): name is EventName {
  return name in EVENTS;
}

function isState(name: string): name is StateName {
  return name in STATES;
}

describe.each<[Generation, Record<EventName, Row>]>([
  ["chunked", CHUNKED],
  ["inline", INLINE],
])("02 §9 %s", (generation, table) => {
  test.each(Object.keys(STATES).filter(isState))("02 §9: %s", async (state) => {
    const { found, expected } = await column(generation, state, table);
    expect(found).toEqual(expected);
  });
});
