/**
 * What decoding may take of the process's memory. Every open chunk has a share of its own; a page that needs more borrows the
 * rest, which is lent to one chunk of the process at a time, until that chunk is done. So a page of any size that the setting
 * has room for is read, however many threads there are, and what is larger is refused before it is read.
 */
export interface PageMemory {
  /** The setting and its value, as an error names it. */
  readonly setting: string;
  /** Share of each open chunk: its dictionary, and one page, compressed and not. */
  readonly chunkBytes: number;
  /** The same for the chunk that has borrowed. */
  readonly largeChunkBytes: number;
  /**
   * Waits until nobody else has borrowed; resolves to what ends the loan, of which so many bytes were used. `isBegun`: the chunk has
   * memory already, and what was kept from an earlier loan is of no use to it.
   */
  borrow(signal: AbortSignal, isBegun: boolean): Promise<(usedBytes: number) => void>;
}

/** The memory of one chunk while it is open. */
export interface ChunkMemory extends Disposable {
  /** What it may take as things are. */
  readonly limitBytes: number;
  /** It has more than its share: what it used is not worth keeping. */
  readonly hasBorrowed: boolean;
  /** Why `bytes` can't be had at all; undefined if they can. */
  refusal(bytes: number): string | undefined;
  /** Told when decoding begins: what is borrowed later comes beside what the chunk has. */
  begin(): void;
  /** Raises the limit as far as it goes. */
  borrow(): Promise<void>;
}

export function openChunkMemory(memory: PageMemory, signal: AbortSignal): ChunkMemory {
  let giveBack: ((usedBytes: number) => void) | undefined;
  let mostBytes = 0;
  let isBegun = false;
  return {
    get limitBytes() {
      return giveBack === undefined ? memory.chunkBytes : memory.largeChunkBytes;
    },
    get hasBorrowed() {
      return giveBack !== undefined;
    },
    refusal(bytes) {
      mostBytes = Math.max(mostBytes, bytes);
      const missing = bytes - memory.largeChunkBytes;
      if (missing <= 0) return undefined;
      return `the page takes ${inMiB(bytes)} to decode, and ${memory.setting} leaves ${inMiB(memory.largeChunkBytes)} for one page; raise it by ${inMiB(missing)} or more to read this file`;
    },
    begin() {
      isBegun = true;
    },
    async borrow() {
      giveBack ??= await memory.borrow(signal, isBegun);
    },
    [Symbol.dispose]() {
      giveBack?.(mostBytes);
      giveBack = undefined;
    },
  };
}

/** A limit for one reader alone: nothing is shared, nothing is borrowed. */
export function ownMemory(setting: string, bytes: number): PageMemory {
  return { setting, chunkBytes: bytes, largeChunkBytes: bytes, borrow: async () => () => {} };
}

const MIB = 2 ** 20;

function inMiB(bytes: number): string {
  return `${Math.ceil(bytes / MIB)} MiB`;
}
