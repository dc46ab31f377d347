import { kernelsModule } from "../../wasm/index.ts";
import { type ChunkSpec, type PageEngine, takesEntries } from "../engine.ts";
import { createReferenceEngine } from "../reference/index.ts";
import { type FastSpec, openFastChunk } from "./chunk.ts";
import { createIdleSessions } from "./idle-sessions.ts";
import { createSession } from "./session.ts";

/**
 * The engine that the program exists for: pages are decompressed, decoded and folded by the kernels of `assembly/`, inside their
 * memory, and a value becomes a JavaScript value only when it is a bound (06 §3.5, §3.6, 07 §6.3). What no kernel is
 * worth writing for (repeated columns, which have no bounds; sinks that don't take hashes) goes to the reference engine.
 */
export interface FastEngineOptions {
  /** Most memory for one chunk's dictionary and one page, compressed and not; a page that needs more is refused. */
  readonly maxMemoryBytes?: number | undefined;
  /** Compiled kernels from another thread; otherwise they are compiled here, once. */
  readonly module?: WebAssembly.Module | undefined;
}

const DEFAULT_MAX_MEMORY_BYTES = 1024 * 1024 * 1024;
export function createFastEngine(options: FastEngineOptions = {}): PageEngine {
  const maxMemoryBytes = options.maxMemoryBytes ?? DEFAULT_MAX_MEMORY_BYTES;
  const module = options.module ?? kernelsModule();
  const reference = createReferenceEngine();
  const idle = createIdleSessions();

  /** A chunk that has borrowed memory uses what was kept for it; others leave that alone. */
  function takeFor({ memory }: FastSpec) {
    if (memory === undefined) return idle.take();
    return memory.hasBorrowed ? idle.takeLargest() : idle.take(memory.limitBytes);
  }

  return {
    openChunk(spec) {
      if (!isFast(spec)) return reference.openChunk(spec);
      const session = takeFor(spec) ?? createSession(maxMemoryBytes, module);
      session.arena.limitTo(spec.memory?.limitBytes ?? maxMemoryBytes);
      return openFastChunk(session, spec, () => idle.give(session));
    },
    trim: (bytes) => idle.trim(bytes),
  };
}

function isFast(spec: ChunkSpec): spec is FastSpec {
  const { leaf, distinct } = spec;
  return leaf.maxRepetitionLevel === 0 && (distinct === undefined || takesEntries(distinct));
}
