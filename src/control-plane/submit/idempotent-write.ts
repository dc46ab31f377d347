import { createHash } from "node:crypto";
import { idempotencyMismatch, retryableAbort, ServiceError } from "../errors/index.ts";
import type { ServiceContext } from "../service.ts";
import type { IdempotencyKey } from "../store/index.ts";

/** The operation of every key here (02 §6). */
export const SUBMIT_OPERATION = "SubmitLeasedFileGroupExecutionResult";

export interface IdempotentWrite {
  readonly key: IdempotencyKey;
  readonly fingerprint: string;
  /** What can't be part of the transaction: blob files. Overwritten by a repetition, so harmless if it comes to nothing. */
  readonly prepare?: () => Promise<void>;
  /** Runs in one transaction with the record of its success; answers what is to be kept with that record. */
  readonly apply: () => Uint8Array;
}

/**
 * A write that is done once (02 §6). The same bytes again: accepted without effect. Other bytes: a mismatch. A write that
 * ends in a retryable abort leaves its record pending, and its key answers ABORTED until that expires (QUIRK 12.3, matched:
 * a worker must cope with it); any other failure frees the key. The peer first repeats an aborted write for about a second,
 * which can't change the answer here; so only the text that those repetitions leave behind is matched.
 */
export async function writeOnce(context: ServiceContext, write: IdempotentWrite): Promise<void> {
  const { store, clock, limits } = context;
  const { key, fingerprint } = write;
  if (alreadyDone(context, write)) return;
  const expiresAtMs = clock.nowMs() + limits.idempotencyTtlMs;
  store.idempotency.put(key, { fingerprint, state: "pending", payload: new Uint8Array(), expiresAtMs });
  try {
    await write.prepare?.();
    store.transaction(() => {
      const payload = write.apply();
      store.idempotency.put(key, { fingerprint, state: "succeeded", payload, expiresAtMs });
    });
  } catch (error) {
    const abort = error instanceof ServiceError && error.code === "MC_ABORT_RETRYABLE";
    if (abort && context.quirks.pendingAfterAbort) throw pending(key);
    store.idempotency.remove(key);
    throw error;
  }
}

/** The part of `writeOnce` for an item inside another write's transaction. */
export function writeItemOnce(
  context: ServiceContext,
  item: { readonly key: IdempotencyKey; readonly fingerprint: string; readonly apply: () => void },
): void {
  if (alreadyDone(context, item)) return;
  item.apply();
  context.store.idempotency.put(item.key, {
    fingerprint: item.fingerprint,
    state: "succeeded",
    payload: new Uint8Array(),
    expiresAtMs: context.clock.nowMs() + context.limits.idempotencyTtlMs,
  });
}

function alreadyDone(
  { store }: ServiceContext,
  { key, fingerprint }: Pick<IdempotentWrite, "key" | "fingerprint">,
): boolean {
  const existing = store.idempotency.get(key);
  if (existing === undefined) return false;
  if (existing.fingerprint !== fingerprint) throw idempotencyMismatch(key.operation, key.key);
  if (existing.state === "pending") throw pending(key);
  return true;
}

function pending(key: IdempotencyKey): ServiceError {
  const { accountId, operation } = key;
  return retryableAbort(
    `idempotency record pending: key=/accounts/${accountId}/idempotency/${operation}/${encodeURIComponent(key.key)}`,
  );
}

/** Base64 SHA-256 of a message as it is serialised again (02 §6). */
export function fingerprintOf(...parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    // Lengths keep two lists of parts apart that join to the same bytes.
    hash.update(`${part.length}:`).update(part);
  }
  return hash.digest("base64");
}
