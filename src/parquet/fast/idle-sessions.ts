import type { Session } from "./session.ts";

/**
 * Sessions between two chunks. Memory of the kernels can't shrink, and fresh memory is slow, so a session is kept as long as its
 * size is of use: one that many chunks in a row left mostly unused is dropped, and so is one too many.
 */
export interface IdleSessions {
  take(): Session | undefined;
  give(session: Session): void;
  /** Drops those that are larger; false if there are none. */
  trim(bytes: number): boolean;
}

/** What idle sessions may hold together. */
const MAX_IDLE_BYTES = 256 * 1024 * 1024;
/** A session of this size is never too large. */
const SMALL_BYTES = 16 * 1024 * 1024;
/** So many chunks in a row may use less than a quarter of a session. */
const PATIENCE = 16;

export function createIdleSessions(): IdleSessions {
  let idle: Session[] = [];
  const oversized = new WeakMap<Session, number>();
  return {
    take: () => idle.pop(),
    trim(bytes) {
      const before = idle.length;
      idle = idle.filter(({ arena }) => arena.size <= bytes);
      return idle.length < before;
    },
    give(session) {
      const { arena } = session;
      const isUsed = arena.size <= SMALL_BYTES || arena.highest * 4 >= arena.size;
      const streak = isUsed ? 0 : (oversized.get(session) ?? 0) + 1;
      oversized.set(session, streak);
      arena.forgetHighest();
      const together = idle.reduce((sum, other) => sum + other.arena.size, arena.size);
      if (streak <= PATIENCE && together <= MAX_IDLE_BYTES) idle.push(session);
    },
  };
}
