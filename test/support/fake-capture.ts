import type { FileGroup } from "../../src/model/index.ts";
import type { CapturedGroup, CaptureOptions, GroupCapture } from "../../src/worker/index.ts";
import type { FakeClock } from "./fake-clock.ts";
import { aFileRecord, anArtifact } from "./file-groups.ts";

export interface FakeCaptureOptions {
  readonly clock: FakeClock;
  /** How long a group takes. */
  readonly durationMs?: number;
  /** What comes out; by default a FILE record for each path, and a sidecar if the policy asks for page indexes. */
  readonly result?: (group: FileGroup) => CapturedGroup;
  /** Thrown instead, at the end. */
  readonly error?: Error;
  /** The same, for one capture each, before any other ends otherwise. */
  readonly errors?: Error[];
  /** A capture that goes on although it should stop. */
  readonly deaf?: boolean;
}

/** A capture that takes its time and makes records up. */
export class FakeCapture implements GroupCapture {
  readonly #options: FakeCaptureOptions;
  /** Groups begun, in order. */
  readonly begun: string[] = [];
  readonly prefetched: string[] = [];
  /** Groups whose capture was stopped, with the time of it. */
  readonly stopped: { readonly groupId: string; readonly atMs: number }[] = [];
  /** Captures under way, and the most there ever were. */
  running = 0;
  mostRunning = 0;

  constructor(options: FakeCaptureOptions) {
    this.#options = options;
  }

  async prefetch(group: FileGroup): Promise<void> {
    this.prefetched.push(group.groupId);
  }

  async capture(group: FileGroup, options: CaptureOptions): Promise<CapturedGroup> {
    const { clock, durationMs = 0, error, deaf = false } = this.#options;
    this.begun.push(group.groupId);
    this.running++;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    const signal = deaf ? new AbortController().signal : options.signal;
    try {
      for (const [index] of group.filePaths.entries()) {
        await clock.sleep(durationMs / group.filePaths.length, signal);
        options.onProgress({ filesCaptured: index + 1, statsProcessed: index + 1 });
      }
    } catch (stop) {
      this.stopped.push({ groupId: group.groupId, atMs: clock.monotonicMs() });
      throw stop;
    } finally {
      this.running--;
    }
    const once = this.#options.errors?.shift();
    if (once !== undefined) throw once;
    if (error !== undefined) throw error;
    return (this.#options.result ?? capturedGroup)(group);
  }
}

function capturedGroup(group: FileGroup): CapturedGroup {
  const { outputs } = group.policy;
  const asksForStats = (["table", "file", "column"] as const).some((output) => outputs.has(output));
  return {
    statsRecords: asksForStats ? group.filePaths.map((path) => aFileRecord(path)) : [],
    artifacts: outputs.has("page-index") ? group.filePaths.map((path) => anArtifact(path)) : [],
  };
}
