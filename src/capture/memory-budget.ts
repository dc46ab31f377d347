import { UsageError } from "../model/index.ts";

/** Of `loan`: the number of the thread that has borrowed, or 0, and how many wait. */
export const LOAN_BYTES = 2 * Int32Array.BYTES_PER_ELEMENT;

/**
 * How the memory that a process may use is dealt out to its capture threads. What Node itself takes is set aside first; of the
 * rest each open column chunk gets a share for reading and one for decoding, and what remains is lent to one chunk at a time
 * (`parquet/pages/memory.ts`). Plain data: it goes to the threads.
 */
export interface MemoryBudget {
  readonly maxMemoryBytes: number;
  /** The setting and its value, for messages. */
  readonly setting: string;
  /** Bytes of one read. */
  readonly windowBytes: number;
  /** Decoding memory of each open chunk. */
  readonly chunkBytes: number;
  /** Decoding memory of the chunk that has borrowed the rest. */
  readonly largeChunkBytes: number;
  /** Who has borrowed, and how many wait (`memory-loan.ts`). */
  readonly loan: SharedArrayBuffer;
}

export interface CaptureResources {
  readonly threads: number;
  readonly memory: MemoryBudget;
}

export interface ResourceWishes {
  /** Undefined: one a processor, as far as the memory goes. */
  readonly threads?: number | undefined;
  /** Undefined: `BYTES_PER_THREAD` for each thread, and no more than the machine or container can spare. */
  readonly maxMemoryBytes?: number | undefined;
}

export interface Machine {
  readonly availableParallelism: number;
  /** Of the machine, or of the container if that has less. */
  readonly memoryBytes: number;
}

const MIB = 2 ** 20;
/** Default for two threads and fewer; each further thread adds half of it. */
const DEFAULT_BYTES = 256 * MIB;
const BYTES_PER_THREAD = DEFAULT_BYTES / 2;
/** Share of a small machine that is used without being asked. */
const MACHINE_SHARE = 3 / 4;

/** Of Node, the program and the main thread; measured, with what records and answers take. */
const PROCESS_BYTES = 92 * MIB;
/** Of a capture thread that decodes nothing; measured. */
const THREAD_BYTES = 16 * MIB;
/** Least that a thread can work with: windows of 512 KiB, chunks of 2 MiB. */
const LEAST_THREAD_BYTES = 16 * MIB;
/** Two chunks at a time, each with a window and the one before it while that is filled. */
const CHUNKS = 2;
const WINDOWS = 2 * CHUNKS;

const LEAST_WINDOW_BYTES = MIB / 2;
const MOST_WINDOW_BYTES = 8 * MIB;
const LEAST_CHUNK_BYTES = 2 * MIB;

/** Threads and their memory. Rejects wishes that can't be had together with `UsageError`. */
export function captureResources(wishes: ResourceWishes, machine: Machine): CaptureResources {
  const wanted = wishes.threads ?? machine.availableParallelism;
  const bytes = wishes.maxMemoryBytes ?? defaultBytes(wanted, machine.memoryBytes);
  const most = Math.floor((bytes - PROCESS_BYTES) / (THREAD_BYTES + LEAST_THREAD_BYTES));
  const threads = wishes.threads ?? Math.max(1, Math.min(wanted, most));
  if (threads > most) throw new UsageError(tooLittle(threads, bytes));
  return { threads, memory: memoryBudget(threads, bytes) };
}

function defaultBytes(threads: number, machineBytes: number): number {
  return Math.min(Math.max(DEFAULT_BYTES, threads * BYTES_PER_THREAD), machineBytes * MACHINE_SHARE);
}

function memoryBudget(threads: number, bytes: number): MemoryBudget {
  const free = bytes - PROCESS_BYTES - threads * THREAD_BYTES;
  // A sixteenth for windows, an eighth for the chunks' own shares, the rest to be lent: pages are small, but for a few.
  const windowBytes = within(LEAST_WINDOW_BYTES, free / 16 / (threads * WINDOWS), MOST_WINDOW_BYTES);
  const chunkBytes = Math.max(LEAST_CHUNK_BYTES, free / 8 / (threads * CHUNKS));
  const lent = free - threads * (WINDOWS * windowBytes + CHUNKS * chunkBytes);
  return {
    maxMemoryBytes: bytes,
    setting: `${MAX_MEMORY_SETTING}=${bytes} (${Math.floor(bytes / MIB)} MiB for ${threads} ${threads === 1 ? "thread" : "threads"})`,
    windowBytes: Math.floor(windowBytes),
    chunkBytes: Math.floor(chunkBytes),
    largeChunkBytes: Math.floor(chunkBytes + lent),
    loan: new SharedArrayBuffer(LOAN_BYTES),
  };
}

export const MAX_MEMORY_SETTING = "floecat.capture.max-memory-bytes";

function tooLittle(threads: number, bytes: number): string {
  const needed = PROCESS_BYTES + threads * (THREAD_BYTES + LEAST_THREAD_BYTES);
  const count = threads === 1 ? "1 capture thread needs" : `${threads} capture threads need`;
  return `${MAX_MEMORY_SETTING}=${bytes} (--max-memory): ${count} ${Math.ceil(needed / MIB)} MiB at least; allow more memory or fewer threads (--threads)`;
}

function within(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
