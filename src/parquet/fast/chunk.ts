import { type PageBounds, UnreadableFileError } from "../../model/index.ts";
import { ArenaLimitError } from "../../wasm/index.ts";
import { DecodeError } from "../decode-error.ts";
import type { ChunkDecoder, ChunkSpec, EntrySink, PagePlace } from "../engine.ts";
import { encodingName } from "../footer/names.ts";
import {
  type DataPageV1Header,
  type DataPageV2Header,
  ENCODING,
  type PageHeader,
} from "../pages/page-header.ts";
import { booleanBounds, boundsOf } from "./bounds.ts";
import { decompressInto } from "./decompress.ts";
import { type FastDictionary, openDictionary } from "./dictionary.ts";
import { hashBooleans, hashItems } from "./items.ts";
import { type Layout, layoutOf, type ValueLayout } from "./layout.ts";
import { check } from "./outcome.ts";
import { takeApartV1, takeApartV2 } from "./page-parts.ts";
import type { Region } from "./region.ts";
import type { Session } from "./session.ts";
import { asText } from "./text.ts";
import { toPlain } from "./to-plain.ts";

/** A chunk's spec whose sink, if it has one, takes hashed entries. */
export interface FastSpec extends ChunkSpec {
  readonly distinct: EntrySink | undefined;
}

/** Decodes one chunk in a session's memory; `release` gives the session back when the chunk is closed. */
export function openFastChunk(session: Session, spec: FastSpec, release: () => void): ChunkDecoder {
  const { arena, kernels } = session;
  const { leaf, codec, bounds, distinct } = spec;
  const base = arena.top;
  let dictionary: FastDictionary | undefined;
  let dictionaryAt: PagePlace = { page: undefined, offset: 0 };
  let state: "open" | "failed" | "closed" = "open";
  if (distinct !== undefined) session.collectInto(distinct);

  function openDictionaryPage(header: PageHeader, body: Uint8Array): void {
    if (header.type !== "dictionary") throw new DecodeError(`${header.type} page where a dictionary belongs`);
    const layout = layoutOf(leaf);
    if (layout.kind === "bits") throw new DecodeError("Dictionary encoding not supported for type: BOOLEAN");
    const bytes = decompressInto(session, codec, body, header.uncompressedSize);
    dictionary = openDictionary(session, spec, layout, header, bytes);
  }

  function decodePage(
    header: DataPageV1Header | DataPageV2Header,
    body: Uint8Array,
    releaseBody: (() => void) | undefined,
  ): PageBounds | undefined {
    const { present, values } =
      header.type === "data-v1"
        ? takeApartV1(session, leaf, codec, header, body, releaseBody)
        : takeApartV2(session, leaf, codec, header, body, releaseBody);
    const layout = layoutOf(leaf);
    if (header.encoding === ENCODING.plainDictionary || header.encoding === ENCODING.rleDictionary) {
      const entries = dictionaryFor(layout, header.encoding);
      return present === 0 ? undefined : entries.foldPage(values(), present);
    }
    if (present === 0) return undefined;
    if (layout.kind === "bits") return foldBooleans(header.encoding, values(), present);
    return foldValues(layout, header, values(), present);
  }

  function foldValues(
    layout: ValueLayout,
    header: DataPageV1Header | DataPageV2Header,
    stream: Region,
    present: number,
  ): PageBounds | undefined {
    const stored = toPlain(session, leaf, layout, header.encoding, stream, present, header.valueCount);
    const values = bounds === "utf8" ? asText(session, stored) : stored;
    const folded = bounds === undefined ? undefined : boundsOf(session, bounds, layout, values);
    if (distinct !== undefined) hashItems(session, leaf, layout, values);
    return folded;
  }

  function foldBooleans(encoding: number, stream: Region, present: number): PageBounds | undefined {
    const trueCount = countTrue(encoding, stream, present);
    if (distinct !== undefined) hashBooleans(session, present, trueCount);
    return bounds === undefined ? undefined : booleanBounds(present, trueCount);
  }

  function countTrue(encoding: number, { address, length }: Region, present: number): number {
    if (encoding === ENCODING.plain) {
      if (present > 8 * length) throw new DecodeError("the values end before the page's last one");
      return kernels.countOnes(address, present);
    }
    if (encoding !== ENCODING.rle) {
      throw new DecodeError(`Unsupported encoding for values: ${encodingName(encoding)} for type BOOLEAN`);
    }
    // Behind a 4-byte length, in v2 pages too (06 §3.5).
    if (length < 4) throw new DecodeError("the page ends before its values");
    const hybridLength = arena.view.getUint32(address, true);
    if (hybridLength > length - 4) {
      throw new DecodeError(`values of ${hybridLength} bytes where ${length - 4} are left`);
    }
    return check(kernels.countInHybrid(address + 4, hybridLength, 1, present, 1), "boolean values");
  }

  function dictionaryFor(layout: Layout, encoding: number): FastDictionary {
    if (layout.kind === "bits") throw new DecodeError("Dictionary encoding not supported for type: BOOLEAN");
    if (dictionary === undefined) {
      throw new DecodeError(
        `could not read page in col ${leaf.name} as the dictionary was missing for encoding ${encodingName(encoding)}`,
      );
    }
    return dictionary;
  }

  /** Runs a step of the chunk; what it finds wrong becomes an error that says where. */
  function guarded<Result>(where: PagePlace, step: () => Result): Result {
    try {
      return step();
    } catch (error) {
      throw failure(error, where);
    }
  }

  function failure(error: unknown, where: PagePlace): unknown {
    state = "failed";
    return located(error, spec, where);
  }

  /**
   * Runs a step, and once more with more memory if the chunk's share was too small for it. That it puts some values into the
   * sketch twice changes nothing.
   */
  function inMemory<Result>(where: PagePlace, step: () => Result): Result | Promise<Result> {
    const mark = arena.top;
    try {
      return step();
    } catch (error) {
      arena.release(mark);
      const { memory } = spec;
      const canHaveMore =
        error instanceof ArenaLimitError &&
        memory !== undefined &&
        !memory.hasBorrowed &&
        memory.refusal(error.neededBytes) === undefined;
      if (!canHaveMore) throw failure(error, where);
      return memory.borrow().then(() => {
        arena.limitTo(memory.limitBytes);
        return guarded(where, step);
      });
    }
  }

  return {
    dictionaryPage(header, body, where) {
      dictionaryAt = where;
      return inMemory(where, () => openDictionaryPage(header, body));
    },
    dataPage(header, body, where, releaseBody) {
      const mark = arena.top;
      // Borrowed between two pages, for the size of this one.
      if (spec.memory !== undefined) arena.limitTo(spec.memory.limitBytes);
      const decoded = inMemory(where, () => {
        try {
          return decodePage(dataHeader(header), body, spec.memory?.hasBorrowed ? releaseBody : undefined);
        } finally {
          arena.release(mark);
        }
      });
      return decoded;
    },
    close() {
      if (state === "closed") return;
      const isSound = state === "open";
      state = "closed";
      try {
        if (isSound && distinct !== undefined) {
          dictionary?.hashUsed();
          kernels.flushEntries();
        }
      } catch (error) {
        throw located(error, spec, dictionaryAt);
      } finally {
        arena.release(base);
        release();
      }
    },
  };
}

function dataHeader(header: PageHeader): DataPageV1Header | DataPageV2Header {
  if (header.type !== "data-v1" && header.type !== "data-v2") {
    throw new DecodeError(`${header.type} page where data belongs`);
  }
  return header;
}

function located(error: unknown, spec: ChunkSpec, { page, offset }: PagePlace): unknown {
  const reason =
    error instanceof ArenaLimitError
      ? (spec.memory?.refusal(error.neededBytes) ??
        `the page needs ${error.neededBytes} bytes of decoding memory, ${spec.memory === undefined ? `maxMemoryBytes allows ${error.limitBytes}; raise it to read the page` : `${error.limitBytes} are the most that can be had`}`)
      : error instanceof DecodeError
        ? error.message
        : undefined;
  if (reason === undefined) return error;
  const { file, leaf, rowGroup } = spec;
  return new UnreadableFileError(
    reason,
    { file, column: leaf.name, rowGroup, page, offset },
    { cause: error },
  );
}
