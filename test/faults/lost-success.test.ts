/** Chunked: a success whose answer is lost is asked about, and the question changes nothing (02 §6, §12.8, decision 2). */
import { expect, test } from "vitest";
import type { WorkerEvent } from "../../src/worker/index.ts";
import { pool } from "./families.ts";
import { captureStruckTable, SOUND } from "./struck-table.ts";

const SUBMIT = "SubmitLeasedFileGroupExecutionResult";
const COMPLETE = "CompleteLeasedReconcileJob";
/** The answers to the successes of both groups are lost; the first submit of each is a chunk. */
const LOST = { kind: "drop-response", silenceMs: 20 } as const;
const SUCCESSES = [
  { method: SUBMIT, nth: 2, fault: LOST },
  { method: SUBMIT, nth: 5, fault: LOST },
];

function ends(events: readonly WorkerEvent[]) {
  return events.flatMap((event) => (event.type === "job-ended" ? [event.end] : []));
}

test("02 §6: once asked, the worker knows that its success was taken", async () => {
  const { findings, events, answers, struck } = await captureStruckTable({
    generation: "chunked",
    pool,
    strikes: SUCCESSES,
  });
  expect(struck).toEqual([SUBMIT, SUBMIT]);
  expect(ends(events)).toEqual([
    { at: "done", outcome: "succeeded" },
    { at: "done", outcome: "succeeded" },
  ]);
  expect(answers.filter((answer) => answer.startsWith(COMPLETE))).toEqual([`${COMPLETE} 0`, `${COMPLETE} 0`]);
  expect(findings).toEqual(SOUND);
});

test("03 §18: a question whose answer is lost is asked again", async () => {
  const { findings, events } = await captureStruckTable({
    generation: "chunked",
    pool,
    strikes: [...SUCCESSES, { method: COMPLETE, nth: 1, fault: LOST }],
  });
  expect(ends(events)).toEqual([
    { at: "done", outcome: "succeeded" },
    { at: "done", outcome: "succeeded" },
  ]);
  expect(findings).toEqual(SOUND);
});
