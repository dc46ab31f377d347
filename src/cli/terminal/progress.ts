import type { Clock } from "../../model/index.ts";
import { formatBytes, formatDuration, keepEnd, printable } from "./format.ts";

/** How far a piece of work is: files and bytes done of all; undefined while it isn't known how many there are. */
export interface ProgressState {
  readonly filesDone: number;
  readonly filesTotal: number | undefined;
  readonly bytesDone: number;
  readonly bytesTotal: number | undefined;
  /** What is being done now, a file name mostly. */
  readonly current: string;
}

export interface ProgressOutput {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
}

/** Quiet until then: what takes less than a second needs no progress. */
const QUIET_MS = 1000;
const REDRAW_MS = 100;

/**
 * One line that redraws itself: share, bytes, rate, time left. Draws only on a TTY and only after the first second, so a
 * pipe or a quick run never sees it.
 */
export class ProgressLine {
  readonly #output: ProgressOutput;
  readonly #clock: Clock;
  readonly #startMs: number;
  #lastDrawMs = Number.NEGATIVE_INFINITY;
  #drawn = false;

  constructor(output: ProgressOutput, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
  }

  update(state: ProgressState): void {
    if (!this.#output.isTTY) return;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#startMs < QUIET_MS || nowMs - this.#lastDrawMs < REDRAW_MS) return;
    this.#lastDrawMs = nowMs;
    this.#drawn = true;
    const line = progressText(state, nowMs - this.#startMs, this.#output.columns);
    this.#output.write(`\r\u001b[2K${line}`);
  }

  /** Removes the line, so that what follows starts clean. */
  clear(): void {
    if (this.#drawn) this.#output.write("\r\u001b[2K");
    this.#drawn = false;
  }
}

/** The line itself, cut to `columns`. */
export function progressText(state: ProgressState, elapsedMs: number, columns: number): string {
  const bytesPerSecond = elapsedMs > 0 ? state.bytesDone / (elapsedMs / 1000) : 0;
  const head =
    state.bytesTotal === undefined
      ? `${state.filesDone} files  ${formatBytes(state.bytesDone)}  ${formatBytes(bytesPerSecond)}/s`
      : shareText({ ...state, bytesTotal: state.bytesTotal }, bytesPerSecond);
  const room = columns - 1 - head.length - 2;
  return room >= 12 && state.current !== ""
    ? `${head}  ${keepEnd(printable(state.current), room)}`
    : head.slice(0, Math.max(0, columns - 1));
}

function shareText(state: ProgressState & { readonly bytesTotal: number }, bytesPerSecond: number): string {
  const share = state.bytesTotal > 0 ? Math.min(1, state.bytesDone / state.bytesTotal) : 0;
  const leftMs =
    bytesPerSecond > 0 ? ((state.bytesTotal - state.bytesDone) / bytesPerSecond) * 1000 : Number.NaN;
  const barWidth = 20;
  const filled = Math.round(share * barWidth);
  return (
    `${"█".repeat(filled)}${"░".repeat(barWidth - filled)} ${String(Math.floor(share * 100)).padStart(3)} %  ` +
    `${state.filesDone}/${state.filesTotal} files  ${formatBytes(state.bytesDone)} of ${formatBytes(state.bytesTotal)}  ` +
    `${formatBytes(bytesPerSecond)}/s${Number.isFinite(leftMs) ? `  ${formatDuration(leftMs)} left` : ""}`
  );
}
