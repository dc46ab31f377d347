import type { Session } from "./session.ts";

/**
 * Sessions between two chunks. Memory of the kernels can't shrink, and fresh memory is slow, so a session is kept as long as its
 * size is of use: one that many chunks in a row left mostly unused is dropped, and so is one too many.
 */
export interface IdleSessions {
  /** The one used last; of those no larger than `bytes` if that is given, so that a large one stays free to be dropped. */
  take(bytes?: number): Session | undefined;
  takeLargest(): Session | undefined;
  give(session: Session): void;
  /** Drops those that are larger; false if there are none. */
  trim(bytes: number): boolean;
}

/** Memory grows by whole pages of WebAssembly. */
const PAGE_BYTES = 65_536;
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
    take(bytes = Number.POSITIVE_INFINITY) {
      const index = idle.findLastIndex(({ arena }) => arena.size <= bytes + PAGE_BYTES);
      return index < 0 ? undefined : idle.splice(index, 1)[0];
    },
    takeLargest() {
      const largest = Math.max(...idle.map(({ arena }) => arena.size));
      const index = idle.findIndex(({ arena }) => arena.size === largest);
      return index < 0 ? undefined : idle.splice(index, 1)[0];
    },
    trim(bytes) {
      const before = idle.length;
      idle = idle.filter(({ arena }) => arena.size <= bytes + PAGE_BYTES);
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
