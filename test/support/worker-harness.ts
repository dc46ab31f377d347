import type { Generation } from "../../src/model/index.ts";
import {
  DEFAULT_WORKER_SETTINGS,
  type GroupCapture,
  type JobEnd,
  type RunningWorker,
  startWorker,
  type WorkerEvent,
  type WorkerSettings,
} from "../../src/worker/index.ts";
import { FakeCapture, type FakeCaptureOptions } from "./fake-capture.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeControlPlane, type FakeControlPlaneOptions } from "./fake-control-plane.ts";

export interface HarnessOptions {
  readonly generation?: Generation;
  /** The server's lease time, and the worker's setting. */
  readonly leaseMs?: number;
  readonly plane?: Omit<FakeControlPlaneOptions, "clock" | "generation" | "leaseMs">;
  readonly capture?: Omit<FakeCaptureOptions, "clock">;
  readonly settings?: Partial<WorkerSettings>;
}

/** A worker against a control plane in memory, under one fake clock. */
export class WorkerHarness implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly plane: FakeControlPlane;
  readonly capture: FakeCapture;
  readonly events: WorkerEvent[] = [];
  readonly #drain = new AbortController();
  readonly #hurry = new AbortController();
  readonly #options: HarnessOptions;
  #worker: RunningWorker | undefined;

  constructor(options: HarnessOptions = {}) {
    this.#options = options;
    this.plane = new FakeControlPlane({
      clock: this.clock,
      generation: options.generation ?? "chunked",
      ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
      ...options.plane,
    });
    this.capture = new FakeCapture({ clock: this.clock, durationMs: 1000, ...options.capture });
  }

  get worker(): RunningWorker {
    if (this.#worker === undefined) throw new Error("the worker hasn't been started");
    return this.#worker;
  }

  start(capture: GroupCapture = this.capture): void {
    this.#worker = startWorker({
      controlPlane: this.plane,
      capture,
      clock: this.clock,
      random: () => 0.5,
      settings: {
        ...DEFAULT_WORKER_SETTINGS,
        instanceId: "worker-1",
        leaseMs: this.#options.leaseMs,
        ...this.#options.settings,
      },
      onEvent: (event) => this.events.push(event),
      drain: this.#drain.signal,
      hurry: this.#hurry.signal,
    });
  }

  /** How jobs ended, in order. */
  get ends(): JobEnd[] {
    return this.events.flatMap((event) => (event.type === "job-ended" ? [event.end] : []));
  }

  /** Starts the worker and lets the first job end, or as many as said. */
  async runJobs(count = 1, limitMs?: number): Promise<JobEnd | undefined> {
    this.start();
    await this.clock.advanceUntil(() => this.ends.length >= count, limitMs);
    return this.ends.at(-1);
  }

  drain(): void {
    this.#drain.abort();
  }

  hurry(): void {
    this.#hurry.abort();
  }

  /** Ends the worker at once, and makes sure that nothing of it is left waiting. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.drain();
    this.hurry();
    if (this.#worker !== undefined) await this.clock.resolve(this.#worker.ended);
    await this.clock.settle();
  }
}
