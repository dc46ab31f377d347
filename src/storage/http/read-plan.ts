import type { ByteRange } from "../../model/index.ts";
import { untilAborted } from "../credentials/held.ts";

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
  loading: { readonly bytes: Uint8Array; readonly done: Promise<void> } | undefined;
  /** Rises with every block that is looked at. */
  lastUse: number;
}

/** A block has at least so many bytes where there are as many side by side, and fewer than twice as many. */
export const BLOCK_BYTES = 8 * 1024 * 1024;
/** Fetching this much that nobody asked for costs less than another request. */
const GAP_BYTES = 128 * 1024;
/** More than this is not held: what was last looked at longest ago goes, read or not. */
const HELD_BYTES = 64 * 1024 * 1024;
/** Loaded ahead of the reader. */
const AHEAD_BYTES = 16 * 1024 * 1024;

export function createReadPlan(fetchInto: FetchInto): ReadPlan {
  const blocks: Block[] = [];
  const closed = new AbortController();
  let uses = 0;

  function load(block: Block): NonNullable<Block["loading"]> {
    block.lastUse = ++uses;
    if (block.loading === undefined) {
      makeRoom(block.length);
      const bytes = Buffer.allocUnsafeSlow(block.length);
      const done = fetchInto(block.offset, bytes, closed.signal);
      // Whoever reads it sees the failure; perhaps nobody does.
      done.catch(() => undefined);
      block.loading = { bytes, done };
    }
    return block.loading;
  }

  /** A reader that stops short of what it announced leaves blocks behind. */
  function makeRoom(length: number): void {
    const held = blocks.filter(({ loading }) => loading !== undefined).sort((a, b) => a.lastUse - b.lastUse);
    let bytes = held.reduce((sum, block) => sum + block.length, length);
    for (const block of held) {
      if (bytes <= HELD_BYTES) return;
      bytes -= block.length;
      drop(block);
    }
  }

  /** Starts what comes after the block being read, as far as memory goes. */
  function loadAhead(from: number): void {
    let ahead = 0;
    for (const block of blocks.slice(from)) {
      ahead += block.length;
      if (ahead > AHEAD_BYTES && ahead > block.length) return;
      load(block);
    }
  }

  function drop(block: Block): void {
    const index = blocks.indexOf(block);
    if (index >= 0) blocks.splice(index, 1);
  }

  async function readPart(
    block: Block,
    offset: number,
    target: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> {
    const { bytes, done } = load(block);
    loadAhead(blocks.indexOf(block) + 1);
    await untilAborted(done, signal);
    target.set(bytes.subarray(offset - block.offset, offset - block.offset + target.length));
    block.unread -= target.length;
    if (block.unread <= 0) drop(block);
  }

  return {
    add(ranges) {
      blocks.push(...blocksOf(ranges));
      loadAhead(0);
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
      blocks.length = 0;
      closed.abort(new DOMException("the file was closed", "AbortError"));
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
