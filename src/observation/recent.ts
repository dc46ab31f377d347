import type { ThroughputBucket } from "../dashboard/index.ts";

const BUCKET_MS = 10_000;
const BUCKETS = 60;

/** Files and bytes of the last ten minutes, in buckets of ten seconds. */
export class RecentThroughput {
  #buckets: { startMs: number; files: number; bytesRead: number }[] = [];

  add(nowMs: number, files: number, bytesRead: number): void {
    const startMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS;
    let last = this.#buckets.at(-1);
    if (last === undefined || last.startMs < startMs) {
      last = { startMs, files: 0, bytesRead: 0 };
      this.#buckets.push(last);
      if (this.#buckets.length > BUCKETS) this.#buckets.shift();
    }
    last.files += files;
    last.bytesRead += bytesRead;
  }

  /** Every bucket of the window, those in which nothing happened too. */
  read(nowMs: number): ThroughputBucket[] {
    const newestMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS;
    const known = new Map(this.#buckets.map((bucket) => [bucket.startMs, bucket]));
    return Array.from({ length: BUCKETS }, (_, i) => {
      const startMs = newestMs - (BUCKETS - 1 - i) * BUCKET_MS;
      const { files = 0, bytesRead = 0 } = known.get(startMs) ?? {};
      return { startMs, lengthMs: BUCKET_MS, files, bytesRead };
    });
  }
}

/** The last few of something, newest first. */
export class Recent<T> {
  readonly #most: number;
  #items: T[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(item: T): void {
    this.#items.unshift(item);
    if (this.#items.length > this.#most) this.#items.length = this.#most;
  }

  read(): readonly T[] {
    return [...this.#items];
  }
}
