import type { Clock } from "../../src/model/index.ts";

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/**
 * A clock that a test moves. Sleepers wake in due order, those due together in the order in which they went to sleep, and
 * everything that a wake-up sets in motion runs to its next wait before the next one wakes: a run repeats exactly, as
 * long as the code under test waits for nothing but this clock and promises.
 */
export class FakeClock implements Clock {
  #nowMs: number;
  readonly #originMs: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
    this.#originMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs - this.#originMs;
  }

  /** Number of sleepers: 0 once everything under test has ended. */
  get sleepers(): number {
    return this.#timers.size;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        this.#timers.delete(timer);
        reject(signal.reason);
      };
      const timer: Timer = {
        dueMs: this.#nowMs + Math.max(0, ms),
        order: this.#order++,
        fire: () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      this.#timers.add(timer);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Lets everything run that waits for no time. */
  async settle(): Promise<void> {
    // All pending promise reactions run before a macrotask does.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Moves on by `ms`, waking sleepers on the way. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#nowMs + ms;
    await this.settle();
    for (let timer = this.#next(targetMs); timer !== undefined; timer = this.#next(targetMs)) {
      await this.#wake(timer);
    }
    this.#nowMs = targetMs;
    await this.settle();
  }

  /** Moves on from sleeper to sleeper until `done` holds; throws when that takes more than `limitMs` of its time. */
  async advanceUntil(done: () => boolean, limitMs = 3_600_000): Promise<void> {
    const targetMs = this.#nowMs + limitMs;
    await this.settle();
    while (!done()) {
      const timer = this.#next(targetMs);
      if (timer === undefined) {
        throw new Error(`not there after ${limitMs} ms of fake time (${this.#timers.size} sleepers)`);
      }
      await this.#wake(timer);
    }
  }

  /** Moves on until `promise` settles, and gives its value or error. */
  async resolve<T>(promise: Promise<T>, limitMs = 3_600_000): Promise<T> {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    promise.then(mark, mark);
    await this.advanceUntil(() => settled, limitMs);
    return promise;
  }

  #next(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue;
      if (
        first === undefined ||
        timer.dueMs < first.dueMs ||
        (timer.dueMs === first.dueMs && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }

  async #wake(timer: Timer): Promise<void> {
    this.#timers.delete(timer);
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.fire();
    await this.settle();
  }
}
