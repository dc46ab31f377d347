import type { ByteRange } from "../../model/index.ts";
import { untilAborted } from "../credentials/held.ts";
import type { ReadAheadMemory } from "./read-ahead-memory.ts";

/**
 * What a reader has announced, fetched ahead of it: neighbours are joined to blocks of 8 MiB and more, so that a file costs
 * few requests however its columns lie, and the next block is on its way while one is decoded. A block goes when all of it has
 * been read; what was not announced, or is read twice, is fetched as it is asked for.
 */
export interface ReadPlan {
  add(ranges: readonly ByteRange[]): void;
  readInto(offset: number, target: Uint8Array, signal: AbortSignal): Promise<void>;
  close(): void;
}

export type FetchInto = (offset: number, target: Uint8Array, signal: AbortSignal) => Promise<void>;

interface Block extends ByteRange {
  /** Announced bytes in it that have not been read. */
  unread: number;
  loading: Loading | undefined;
  /** Rises with every block that is looked at. */
  lastUse: number;
}

interface Loading {
  readonly buffer: Uint8Array;
  /** The request has come to its end, and reads that wait for it have been counted. */
  readonly done: Promise<void>;
  settled: boolean;
  readers: number;
}

/** A block has at least so many bytes where there are as many side by side, and fewer than twice as many. */
export const BLOCK_BYTES = 8 * 1024 * 1024;
/** Two column chunks are read at a time, each in a block, with one ahead. */
const KEPT_BLOCKS = 4;
/** Fetching this much that nobody asked for costs less than another request. */
const GAP_BYTES = 128 * 1024;
/** Loaded ahead of the reader of one file. */
const AHEAD_BYTES = 16 * 1024 * 1024;

export function createReadPlan(fetchInto: FetchInto, memory: ReadAheadMemory): ReadPlan {
  const blocks: Block[] = [];
  const closed = new AbortController();
  let uses = 0;
  /** The block that is read: what comes after it is loaded ahead. */
  let current: Block | undefined;

  function start(block: Block): Loading {
    const buffer = memory.buffer(block.length);
    const done = fetchInto(block.offset, buffer.subarray(0, block.length), closed.signal);
    const loading: Loading = { buffer, done, settled: false, readers: 0 };
    const settle = () => {
      loading.settled = true;
    };
    // Whoever reads it sees the failure; perhaps nobody does.
    done.then(settle, settle);
    block.lastUse = ++uses;
    block.loading = loading;
    return loading;
  }

  /** A reader waits for it. One that stops short of what it announced leaves blocks behind: they make room. */
  function load(block: Block): Loading {
    block.lastUse = ++uses;
    if (block.loading !== undefined) return block.loading;
    if (!memory.tryTake(block.length)) {
      const held = blocks
        .filter(({ loading }) => loading !== undefined)
        .sort((a, b) => a.lastUse - b.lastUse);
      const [oldest] = held;
      if (oldest !== undefined && held.length > KEPT_BLOCKS) drop(oldest);
      memory.take(block.length);
    }
    return start(block);
  }

  function loadAhead(): void {
    if (closed.signal.aborted) return;
    const next = current === undefined ? 0 : blocks.indexOf(current) + 1;
    let ahead = 0;
    for (const block of blocks.slice(next)) {
      ahead += block.length;
      if (ahead > AHEAD_BYTES && ahead > block.length) return;
      if (block.loading !== undefined) continue;
      if (!memory.tryTake(block.length)) {
        memory.whenRoom(loadAhead);
        return;
      }
      start(block);
    }
  }

  function drop(block: Block): void {
    const index = blocks.indexOf(block);
    if (index < 0) return;
    blocks.splice(index, 1);
    if (current === block) current = blocks[index - 1];
    const { loading } = block;
    if (loading === undefined) return;
    // Nobody writes into it any more, and nobody reads it.
    const isUnused = loading.settled && loading.readers === 0;
    memory.give(block.length, isUnused ? loading.buffer : undefined);
  }

  async function readPart(
    block: Block,
    offset: number,
    target: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    const loading = load(block);
    current = block;
    loadAhead();
    loading.readers++;
    try {
      await untilAborted(loading.done, signal);
      const from = offset - block.offset;
      target.set(loading.buffer.subarray(from, from + target.length));
      block.unread -= target.length;
    } finally {
      loading.readers--;
    }
    if (block.unread <= 0) drop(block);
  }

  return {
    add(ranges) {
      blocks.push(...blocksOf(ranges));
      loadAhead();
    },
    async readInto(offset, target, signal) {
      const end = offset + target.length;
      const parts: Promise<void>[] = [];
      let at = offset;
      for (const block of blocks
        .filter((each) => each.offset < end && each.offset + each.length > offset)
        .sort(byOffset)) {
        const from = Math.max(at, block.offset);
        const to = Math.min(end, block.offset + block.length);
        if (to <= from) continue;
        if (from > at) parts.push(fetchInto(at, target.subarray(at - offset, from - offset), signal));
        parts.push(readPart(block, from, target.subarray(from - offset, to - offset), signal));
        at = to;
      }
      if (at < end) parts.push(fetchInto(at, target.subarray(at - offset), signal));
      await Promise.all(parts);
    },
    close() {
      closed.abort(new DOMException("the file was closed", "AbortError"));
      for (const block of [...blocks]) drop(block);
    },
  };
}

function byOffset(a: ByteRange, b: ByteRange): number {
  return a.offset - b.offset;
}

/** Ranges that follow each other closely become one run, and a run is cut into even blocks. */
function blocksOf(ranges: readonly ByteRange[]): Block[] {
  const total = ranges.reduce((sum, { length }) => sum + length, 0);
  // What is loaded at once anyway may come in any order.
  const ordered = total <= AHEAD_BYTES ? [...ranges].sort(byOffset) : ranges;
  const runs: { offset: number; end: number; readonly announced: ByteRange[] }[] = [];
  for (const range of ordered) {
    const { offset, length } = range;
    const last = runs.at(-1);
    if (length === 0) continue;
    if (last !== undefined && offset >= last.end && offset - last.end <= GAP_BYTES) {
      last.end = offset + length;
      last.announced.push(range);
    } else {
      runs.push({ offset, end: offset + length, announced: [range] });
    }
  }
  return runs.flatMap(({ offset, end, announced }) => {
    const count = Math.max(1, Math.floor((end - offset) / BLOCK_BYTES));
    const each = Math.ceil((end - offset) / count);
    return Array.from({ length: count }, (_, index): Block => {
      const from = offset + index * each;
      const block = { offset: from, length: Math.min(each, end - from) };
      const unread = announced.reduce((sum, range) => sum + overlap(range, block), 0);
      return { ...block, unread, loading: undefined, lastUse: 0 };
    });
  });
}

function overlap(a: ByteRange, b: ByteRange): number {
  const from = Math.max(a.offset, b.offset);
  return Math.max(0, Math.min(a.offset + a.length, b.offset + b.length) - from);
}
