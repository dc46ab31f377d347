import { Arena, instantiateKernels, type Kernels } from "../../wasm/index.ts";
import type { EntrySink } from "../engine.ts";

/** One instance of the kernels with its memory, for the one chunk that is decoded in it at a time. */
export interface Session {
  readonly kernels: Kernels;
  readonly arena: Arena;
  /** Where the kernels put the results that a return value can't hold. */
  readonly resultAt: number;
  /** Entries that pass theta go to this sink from now on. */
  collectInto(sink: EntrySink): void;
}

export function createSession(maxMemoryBytes: number, module?: WebAssembly.Module): Session {
  let sink: EntrySink | undefined;
  const kernels = instantiateKernels(drain, module);
  const arena = new Arena(kernels, maxMemoryBytes);
  const thetaAt = kernels.thetaAddress();
  const entriesAt = kernels.entriesAddress();

  /** The kernels call it when their buffer is full, and at the end. */
  function drain(count: number): void {
    if (sink === undefined) return;
    const { view } = arena;
    for (let at = entriesAt; at < entriesAt + 8 * count; at += 8) {
      sink.addEntry(view.getUint32(at, true), view.getUint32(at + 4, true));
    }
    publishTheta(sink);
  }

  function publishTheta({ thetaLow, thetaHigh }: EntrySink): void {
    arena.view.setUint32(thetaAt, thetaLow, true);
    arena.view.setUint32(thetaAt + 4, thetaHigh, true);
  }

  return {
    kernels,
    arena,
    resultAt: kernels.resultAddress(),
    collectInto(target) {
      sink = target;
      kernels.resetEntries();
      publishTheta(target);
    },
  };
}
