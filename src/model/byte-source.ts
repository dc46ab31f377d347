/** Bytes read by range: what a Parquet reader needs of a store. An open object of any store is one. */
export interface ByteSource {
  /** For messages and records; not parsed. */
  readonly path: string;
  readonly size: number;
  /** Reads are made in the calling thread: nothing is gained by having several of them under way. */
  readonly readsInPlace?: boolean;
  /** Exactly `length` bytes from `offset`; a shorter answer is an error, never a short array. */
  read(offset: number, length: number, options: { readonly signal: AbortSignal }): Promise<Uint8Array>;
  /** Fills `target` from `offset`, so that its memory can be used again; a store that can't leaves it out. */
  readInto?(offset: number, target: Uint8Array, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Told what will be read, in that order: a store across a network fetches it ahead, in few large requests. */
  willRead?(ranges: readonly ByteRange[]): void;
}

/** Bytes of a file from `offset` on. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}
