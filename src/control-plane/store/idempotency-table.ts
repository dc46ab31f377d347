import type { Database } from "./database.ts";

/** Scope of an idempotent write (02 §6). */
export interface IdempotencyKey {
  readonly accountId: string;
  readonly operation: string;
  readonly key: string;
}

export interface IdempotencyRecord {
  readonly fingerprint: string;
  readonly state: "pending" | "succeeded";
  /** What the write left for later: for a chunk, its records; otherwise empty. */
  readonly payload: Uint8Array;
  readonly expiresAtMs: number;
}

export type IdempotencyTable = ReturnType<typeof idempotencyTable>;

export function idempotencyTable(db: Database) {
  const put = db.prepare("INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?)");
  const get = db.prepare("SELECT * FROM idempotency WHERE account_id = ? AND operation = ? AND item_key = ?");
  const remove = db.prepare(
    "DELETE FROM idempotency WHERE account_id = ? AND operation = ? AND item_key = ?",
  );
  const expire = db.prepare("DELETE FROM idempotency WHERE expires_at <= ?");
  const dropPending = db.prepare("DELETE FROM idempotency WHERE state = 'pending'");
  const values = (key: IdempotencyKey) => [key.accountId, key.operation, key.key] as const;
  return {
    put(key: IdempotencyKey, record: IdempotencyRecord): void {
      const { fingerprint, state, payload, expiresAtMs } = record;
      put.run(...values(key), fingerprint, state, payload, expiresAtMs);
    },
    get(key: IdempotencyKey): IdempotencyRecord | undefined {
      const row = get.get(...values(key));
      return (
        row && {
          fingerprint: row.text("fingerprint"),
          state: row.text("state") === "pending" ? "pending" : "succeeded",
          payload: row.bytes("payload"),
          expiresAtMs: row.number("expires_at"),
        }
      );
    },
    remove(key: IdempotencyKey): void {
      remove.run(...values(key));
    },
    removeExpired(nowMs: number): number {
      return expire.run(nowMs);
    },
    /** After a restart nothing is under way any more, so what was left pending only blocks its key. */
    removePending(): void {
      dropPending.run();
    },
  };
}
