import { type Kernels, SLACK_BYTES } from "./kernels.ts";

/** A region would make the memory larger than its limit. */
export class ArenaLimitError extends Error {
  override readonly name = "ArenaLimitError";
  readonly neededBytes: number;
  readonly limitBytes: number;

  constructor(neededBytes: number, limitBytes: number) {
    super(`${neededBytes} bytes of decoding memory are needed, ${limitBytes} are allowed`);
    this.neededBytes = neededBytes;
    this.limitBytes = limitBytes;
  }
}

const PAGE_BYTES = 65_536;
/** Addresses are handed to the kernels as signed 32-bit numbers, and sums of two lengths must not wrap. */
const LARGEST_LIMIT = 0x7fff_0000;

/**
 * The memory of one kernel instance as a stack of regions, 16-byte aligned, each with slack behind it. It grows to what the
 * largest page needed and never beyond its limit. A `Uint8Array` or `DataView` taken from it is good until the next `reserve`.
 */
export class Arena {
  #limitBytes = 0;
  readonly #memory: WebAssembly.Memory;
  #top: number;
  #highest = 0;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;

  constructor(kernels: Kernels, limitBytes: number) {
    this.limitTo(limitBytes);
    this.#memory = kernels.memory;
    this.#top = kernels.arenaStart();
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
  }

  /** Regions may end here at most, from now on. */
  limitTo(bytes: number): void {
    this.#limitBytes = Math.min(bytes, LARGEST_LIMIT);
  }

  /** Throws what `reserve` would throw. */
  checkRoom(length: number): void {
    const end = this.#top + length + SLACK_BYTES;
    if (!Number.isSafeInteger(length) || length < 0 || end > this.#limitBytes) {
      throw new ArenaLimitError(end, this.#limitBytes);
    }
  }

  /** All memory. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  get view(): DataView<ArrayBuffer> {
    return this.#view;
  }

  /** How large the memory has become. */
  get size(): number {
    return this.#bytes.length;
  }

  /** How far regions have reached since the last `forgetHighest`. */
  get highest(): number {
    return this.#highest;
  }

  forgetHighest(): void {
    this.#highest = this.#top;
  }

  /** Where the next region begins; `release` goes back to it. */
  get top(): number {
    return this.#top;
  }

  /** Address of a new region of `length` bytes. Its contents are whatever was there. */
  reserve(length: number): number {
    const address = this.#top;
    this.checkRoom(length);
    const end = address + length + SLACK_BYTES;
    if (end > this.#bytes.length) this.#grow(end);
    this.#top = Math.ceil(end / 16) * 16;
    if (end > this.#highest) this.#highest = end;
    return address;
  }

  /** A new region that holds `contents`. */
  place(contents: Uint8Array): number {
    const address = this.reserve(contents.length);
    this.#bytes.set(contents, address);
    return address;
  }

  /** Drops every region reserved since `top` was `mark`. */
  release(mark: number): void {
    this.#top = mark;
  }

  #grow(end: number): void {
    try {
      this.#memory.grow(Math.ceil((end - this.#bytes.length) / PAGE_BYTES));
    } catch (cause) {
      if (cause instanceof RangeError) throw new ArenaLimitError(end, this.#bytes.length);
      throw cause;
    }
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
  }
}
