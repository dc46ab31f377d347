import { type ByteSource, UnreadableFileError } from "../../model/index.ts";
import { decompress } from "../codec/index.ts";
import { DecodeError } from "../decode-error.ts";
import type { Codec, ColumnChunk, FileMetadata, RowGroup, SchemaLeaf } from "../metadata.ts";
import type { DictionaryPageHeader } from "../pages/page-header.ts";
import { type Page, type WalkOptions, walkPages } from "../pages/walk.ts";
import { decodeDictionary } from "../reference/index.ts";
import { type DictionaryValues, dictionaryValues } from "./column-values.ts";
import { type ColumnWindow, WindowBuilder } from "./column-window.ts";
import { type EntryBatch, openPageEntries, type PageEntries } from "./page-entries.ts";

/** Reads one column chunk row by row, in order, with the levels of its entries. */
export interface ColumnCursor {
  /** The next `rowCount` rows; an `UnreadableFileError` if the chunk has fewer. */
  take(rowCount: number): Promise<ColumnWindow>;
  /** Passes over rows; whole pages of a column that isn't repeated are then not even decompressed. */
  skip(rowCount: number): Promise<void>;
  close(): Promise<void>;
}

/** Rows of a repeated column that are passed over at a time: only their levels tell where they end. */
const SKIPPED_ROWS = 4096;

export function openColumn(
  source: ByteSource,
  footer: Pick<FileMetadata, "footerLength">,
  rowGroup: Pick<RowGroup, "ordinal">,
  chunk: ColumnChunk,
  options: WalkOptions,
): ColumnCursor {
  const leaf = readableLeaf(chunk.leaf);
  const pages = walkPages(source, footer, rowGroup, chunk, options);
  /** Decoded when the first page needs it: where all pages are passed over, none does. */
  let dictionary: (() => DictionaryValues) | undefined;
  let page: { readonly entries: PageEntries; readonly place: Page } | undefined;
  /** Entries that are decoded but not yet taken. */
  let batch: EntryBatch | undefined;
  let entryInBatch = 0;
  let valueInBatch = 0;

  function located<Result>(place: Page | undefined, decode: () => Result): Result {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new UnreadableFileError(
        error.message,
        {
          file: source.path,
          column: leaf.name,
          rowGroup: rowGroup.ordinal,
          page: place?.ordinal,
          offset: place?.offset,
        },
        { cause: error },
      );
    }
  }

  /** Goes to the next data page that is not passed over; false at the end of the chunk. */
  async function nextPage(passOver: (rows: number) => boolean): Promise<boolean> {
    for (;;) {
      const next = await pages.next();
      if (next.done === true) return false;
      const place = next.value;
      const { header } = place;
      if (header.type === "index") continue;
      if (header.type === "dictionary") {
        // The page's bytes are gone when the next one is asked for.
        dictionary = openDictionary(leaf, chunk.codec, header, new Uint8Array(place.body), (decode) =>
          located(place, decode),
        );
        continue;
      }
      const rows = header.type === "data-v1" ? header.valueCount : header.rowCount;
      if (leaf.maxRepetitionLevel === 0 && passOver(rows)) continue;
      const entries = located(place, () =>
        openPageEntries(leaf, chunk.codec, header, place.body, dictionary),
      );
      page = { entries, place };
      return true;
    }
  }

  /** Makes sure that there is an entry to take; false at the end of the chunk. */
  async function fill(passOver: (rows: number) => boolean): Promise<boolean> {
    while (batch === undefined || entryInBatch === batch.count) {
      const open = page;
      batch = open === undefined ? undefined : located(open.place, () => open.entries.next());
      entryInBatch = 0;
      valueInBatch = 0;
      if (batch === undefined && !(await nextPage(passOver))) return false;
    }
    return true;
  }

  function startsRow(): boolean {
    return batch?.repetition === undefined || batch.repetition[entryInBatch] === 0;
  }

  /** Hands on the entries of the batch that belong to the rows still wanted. */
  function takeFromBatch(into: WindowBuilder, rowCount: number): boolean {
    if (batch === undefined) return false;
    into.useSegment(batch.values);
    for (; entryInBatch < batch.count; entryInBatch++) {
      if (startsRow()) {
        if (into.rows === rowCount) return false;
        into.startRow();
      } else if (into.rows === 0) {
        throw new DecodeError("a repeated entry before the first row");
      }
      if (into.isFull) throw new DecodeError("too many entries in one row, or in a few");
      const level = batch.definition?.[entryInBatch] ?? leaf.maxDefinitionLevel;
      into.addEntry(level, level === leaf.maxDefinitionLevel ? valueInBatch++ : undefined);
    }
    return true;
  }

  async function take(rowCount: number): Promise<ColumnWindow> {
    const builder = new WindowBuilder(rowCount);
    const isRepeated = leaf.maxRepetitionLevel > 0;
    // The last row of a repeated column ends where the next one begins.
    while (builder.rows < rowCount || isRepeated) {
      if (!(await fill(() => false))) break;
      if (!located(page?.place, () => takeFromBatch(builder, rowCount))) break;
    }
    if (builder.rows < rowCount) throw tooFewRows();
    return builder.finish();
  }

  async function skip(rowCount: number): Promise<void> {
    if (leaf.maxRepetitionLevel > 0) {
      for (let left = rowCount; left > 0; left -= SKIPPED_ROWS) await take(Math.min(left, SKIPPED_ROWS));
      return;
    }
    let left = rowCount;
    const passOver = (rows: number) => {
      if (rows > left) return false;
      left -= rows;
      return true;
    };
    while (left > 0) {
      if (!(await fill(passOver))) {
        if (left > 0) throw tooFewRows();
        return;
      }
      if (left === 0 || batch === undefined) return;
      for (; entryInBatch < batch.count && left > 0; entryInBatch++, left--) {
        const level = batch.definition?.[entryInBatch] ?? leaf.maxDefinitionLevel;
        if (level === leaf.maxDefinitionLevel) valueInBatch++;
      }
    }
  }

  function tooFewRows(): UnreadableFileError {
    return new UnreadableFileError("the column has fewer rows than its row group", {
      file: source.path,
      column: leaf.name,
      rowGroup: rowGroup.ordinal,
    });
  }

  return {
    take,
    skip,
    async close() {
      await pages.return(undefined);
    },
  };
}

function openDictionary(
  leaf: SchemaLeaf,
  codec: Codec,
  header: DictionaryPageHeader,
  body: Uint8Array,
  located: <Result>(decode: () => Result) => Result,
): () => DictionaryValues {
  let decoded: DictionaryValues | undefined;
  return () => {
    decoded ??= located(() => {
      const { values, size } = decodeDictionary(
        leaf,
        header,
        decompress(codec, body, header.uncompressedSize),
      );
      return dictionaryValues(values, size);
    });
    return decoded;
  };
}

/** INT96 is twelve bytes to whoever asks for it here. */
function readableLeaf(leaf: SchemaLeaf): SchemaLeaf {
  return leaf.physicalType === "INT96"
    ? { ...leaf, physicalType: "FIXED_LEN_BYTE_ARRAY", typeLength: 12 }
    : leaf;
}
