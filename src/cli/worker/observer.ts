import type { Settings } from "../../config/index.ts";
import type { Clock } from "../../model/index.ts";
import type { ControlPlane, ControlPlaneSettings } from "../../protocol/index.ts";
import type { Log } from "../../telemetry/index.ts";
import type { RunningWorker, WorkerEvent, WorkerSettings } from "../../worker/index.ts";

export interface WorkerObserver {
  /** The connection's settings, with its tokens watched. */
  watchTokens(settings: ControlPlaneSettings): ControlPlaneSettings;
  /** Before each handshake. */
  connecting(): void;
  /** After the handshake: the control plane with its calls watched. */
  watchCalls(controlPlane: ControlPlane): ControlPlane;
  watchWorker(worker: RunningWorker, settings: WorkerSettings, controlPlane: ControlPlane): void;
  onEvent(event: WorkerEvent): void;
  /** Address of the HTTP server, if there is one. */
  readonly url: string | undefined;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ObserverOptions {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Log;
  readonly instanceId: string;
  readonly controlPlaneUrl: string;
  readonly slots: number;
  /** From here on the worker isn't ready. */
  readonly drain: AbortSignal;
}
