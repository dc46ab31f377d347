/**
 * Leasing, capture and submission as stages with limits of their own: a captured group must not hold a capture slot while
 * a slow server takes its result. A job walks through them with a ticket:
 *
 *     leased ──► ahead ──(capture slot and room for its result)──► capturing ──► result ──► left
 *
 * `ahead` holds jobs whose payload is fetched while others decode; `result` holds those whose result waits to be taken.
 * Everything runs on one thread, so plain counters suffice; waiters are served in the order in which they came.
 */
export interface StageLimits {
  /** Groups captured at a time (`reconciler.max-parallelism`). */
  readonly maxParallelism: number;
  /** Leased jobs that may wait for a capture slot. */
  readonly prefetchedGroups: number;
  /** Captured groups whose result the server hasn't taken yet, those being captured included. */
  readonly maxPendingResults: number;
  /** No capture starts while the results held are larger than this; at most one result per slot goes beyond. */
  readonly maxPendingResultBytes: number;
}

export interface StageCounts {
  readonly ahead: number;
  readonly capturing: number;
  readonly results: number;
  readonly resultBytes: number;
}

/** One job's way through the stages. */
export interface StageTicket {
  /** Takes a capture slot if one is free. */
  tryCaptureSlot(): boolean;
  /** Waits for a capture slot and takes it; rejects with the signal's reason. */
  takeCaptureSlot(signal: AbortSignal): Promise<void>;
  /** The slot stays taken until `work` has settled, whatever happens to the job. */
  holdSlotUntil(work: Promise<unknown>): void;
  /** Gives the slot back and holds a result of about this size instead; again to correct the size. */
  holdResult(bytes: number): void;
  /** Gives back whatever is held, the slot as soon as its work has settled; further calls do nothing. */
  leave(): void;
}

type Place = "ahead" | "capturing" | "results" | "left";

interface Waiter {
  readonly ready: () => boolean;
  /** Done in the same breath as `ready` was seen, so that no other waiter takes what it is about. */
  readonly take: () => void;
  readonly resolve: () => void;
}

export class Stages {
  readonly #limits: StageLimits;
  readonly #counts: Record<Place, number> = { ahead: 0, capturing: 0, results: 0, left: 0 };
  #resultBytes = 0;
  #waiters: readonly Waiter[] = [];

  constructor(limits: StageLimits) {
    this.#limits = {
      maxParallelism: limits.maxParallelism,
      prefetchedGroups: Math.max(0, limits.prefetchedGroups),
      maxPendingResults: Math.max(1, limits.maxPendingResults),
      maxPendingResultBytes: Math.max(1, limits.maxPendingResultBytes),
    };
  }

  counts(): StageCounts {
    const { ahead, capturing, results } = this.#counts;
    return { ahead, capturing, results, resultBytes: this.#resultBytes };
  }

  /** Resolves when one more job may be leased; rejects with the signal's reason. */
  roomForLease(signal: AbortSignal): Promise<void> {
    const ready = () => this.#counts.ahead < this.#limits.prefetchedGroups + this.#freeSlots();
    return this.#until(ready, () => {}, signal);
  }

  /** A leased job enters. */
  enter(): StageTicket {
    let place: Place = "ahead";
    let bytes = 0;
    let working = false;
    let leaving = false;
    this.#counts.ahead++;
    const move = (to: Place, newBytes: number) => {
      this.#counts[place]--;
      this.#counts[to]++;
      place = to;
      this.#resultBytes += newBytes - bytes;
      bytes = newBytes;
    };
    const leave = () => {
      leaving = true;
      if (place === "left" || working) return;
      move("left", 0);
      this.#serve();
    };
    return {
      // Whoever waits could not have gone on, so nobody is overtaken.
      tryCaptureSlot: () => {
        if (this.#freeSlots() === 0) return false;
        move("capturing", 0);
        return true;
      },
      takeCaptureSlot: (signal) =>
        this.#until(
          () => this.#freeSlots() > 0,
          () => move("capturing", 0),
          signal,
        ),
      holdSlotUntil: (work) => {
        working = true;
        const settle = () => {
          working = false;
          if (leaving) leave();
        };
        work.then(settle, settle);
      },
      holdResult: (newBytes) => {
        if (place === "left") return;
        move("results", newBytes);
        this.#serve();
      },
      leave,
    };
  }

  /** Captures that could start now. */
  #freeSlots(): number {
    if (this.#resultBytes >= this.#limits.maxPendingResultBytes) return 0;
    const { capturing, results } = this.#counts;
    const slots = this.#limits.maxParallelism - capturing;
    const resultPlaces = this.#limits.maxPendingResults - results - capturing;
    return Math.max(0, Math.min(slots, resultPlaces));
  }

  #until(ready: () => boolean, take: () => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        ready,
        take,
        resolve: () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      this.#waiters = [...this.#waiters, waiter];
      signal.addEventListener("abort", onAbort, { once: true });
      this.#serve();
    });
  }

  #serve(): void {
    for (;;) {
      const next = this.#waiters.find((waiter) => waiter.ready());
      if (next === undefined) return;
      this.#waiters = this.#waiters.filter((waiter) => waiter !== next);
      next.take();
      next.resolve();
    }
  }
}
