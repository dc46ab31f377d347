import { textStatus } from "../errors/index.ts";
import type { Caller } from "../service.ts";
import type { IdempotencyKey } from "../store/index.ts";
import { SUBMIT_OPERATION } from "./idempotent-write.ts";

/** 02 §4.7: checked after the lease; surrounding blanks don't count. */
export function requireResultId(resultId: string): string {
  const trimmed = resultId.trim();
  if (trimmed === "") {
    throw textStatus("INVALID_ARGUMENT", "result_id is required for file-group result submission");
  }
  return trimmed;
}

/** Scope of a key: the caller's account, not the job's (02 §6). */
export function submitKey(caller: Caller, key: string): IdempotencyKey {
  return { accountId: caller.principal.accountId, operation: SUBMIT_OPERATION, key };
}

/** Success and failure under one result id share it. */
export function outcomeKey(caller: Caller, jobId: string, resultId: string): IdempotencyKey {
  return submitKey(caller, `${jobId.trim()}:${resultId}`);
}

export function chunkKey(caller: Caller, jobId: string, resultId: string, index: number): IdempotencyKey {
  return submitKey(caller, `${jobId.trim()}:${resultId}:chunk:${index}`);
}

/** A `uint32` that the peer reads as a negative `int` counts as 0 (02 §5.3). */
export function clampedUint32(value: number): number {
  return value >= 2 ** 31 ? 0 : value;
}
