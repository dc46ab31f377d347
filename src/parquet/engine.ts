import type { PageBounds } from "../model/index.ts";
import type { IndexedType } from "./eligibility.ts";
import type { Codec, SchemaLeaf } from "./metadata.ts";
import type { ChunkMemory } from "./pages/memory.ts";
import type { PageHeader } from "./pages/page-header.ts";

/**
 * The line between the page walk and the decoders. The walk (`pages/`) owns files, offsets, headers, checksums, ordinals
 * and row counts; an engine is handed page bodies as they lie in the file and decompresses, decodes levels and values, and
 * folds them into a minimum and a maximum (06 §3.5, §3.6) and into a sketch. An engine does no I/O and keeps nothing
 * between chunks. One engine belongs to one capture thread.
 */
export interface PageEngine {
  openChunk(spec: ChunkSpec): ChunkDecoder;
  /** Lets go of what it has kept beyond so many bytes for the next chunk; false if there was nothing of the kind. */
  trim?(bytes: number): boolean;
}

export interface ChunkSpec {
  /** Path of the data file, for messages. */
  readonly file: string;
  readonly rowGroup: number;
  readonly leaf: SchemaLeaf;
  readonly codec: Codec;
  /** Which bounds to fold; undefined if only distinct values are asked for. */
  readonly bounds: IndexedType | undefined;
  /** Gets the item of every value that takes part (07 §6.3); undefined if distinct values aren't asked for. */
  readonly distinct: DistinctSink | undefined;
  /** Limits what the decoder takes; undefined: the engine's own limit holds. */
  readonly memory?: ChunkMemory | undefined;
}

/**
 * Decodes the pages of one chunk in file order. A page that can't be decoded exactly throws `UnreadableFileError`; after
 * that only `close` may be called. `body` is valid during the call only: an engine copies what it keeps.
 */
export interface ChunkDecoder {
  /** At most once a chunk. */
  dictionaryPage(header: PageHeader, body: Uint8Array, where: PagePlace): void | Promise<void>;
  /**
   * Bounds of the page; undefined when no value takes part or none were asked for. `releaseBody` frees the body's memory, for an
   * engine that has a copy and needs the room.
   */
  dataPage(
    header: PageHeader,
    body: Uint8Array,
    where: PagePlace,
    releaseBody?: () => void,
  ): PageBounds | undefined | Promise<PageBounds | undefined>;
  close(): void;
}

export interface PagePlace {
  /** Data-page ordinal in the chunk; undefined for a dictionary page. */
  readonly page: number | undefined;
  /** Of the page header, absolute in the file. */
  readonly offset: number;
}

/**
 * Where an engine puts the values it saw, as items of 07 §6.3. Adding an item twice changes nothing, so an engine may add a
 * dictionary entry once for all its rows, but never one that no row refers to.
 */
export interface DistinctSink {
  /** A 64-bit integer item by its halves: integers sign-extended, booleans as 0 or 1, bit patterns of floats. */
  addLong(low32: number, high32: number): void;
  /** A text item by its UTF-8 bytes, from `start` up to `end`; empty text is ignored by the sink. */
  addBytes(bytes: Uint8Array, start: number, end: number): void;
}

/** A sink that also takes entries which an engine hashed by itself (07 §6.4): those that aren't below theta change nothing. */
export interface EntrySink extends DistinctSink {
  /** Words of theta, unsigned. It only ever falls, and only within a call of an `add` method. */
  readonly thetaLow: number;
  readonly thetaHigh: number;
  addEntry(low32: number, high32: number): void;
}

export function takesEntries(sink: DistinctSink): sink is EntrySink {
  return "addEntry" in sink;
}
