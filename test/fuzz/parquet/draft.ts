import { crc32 } from "node:zlib";
import { concat, uint32 } from "../../support/parquet-encodings.ts";
import {
  encodeThrift,
  fieldOf,
  integerAt,
  itemsOf,
  parseThrift,
  type StructNode,
  setInteger,
  type ThriftNode,
} from "./thrift-tree.ts";

/** A Parquet file taken apart into what can be changed by itself: the footer, and every page of every chunk. */
export interface Draft {
  readonly footer: StructNode;
  /** In file order. */
  readonly parts: DraftPart[];
}

export type DraftPart = DraftChunk | { readonly kind: "bytes"; readonly bytes: Uint8Array };

export interface DraftChunk {
  readonly kind: "chunk";
  /** `ColumnMetaData` in the footer. */
  readonly metadata: ThriftNode;
  /** Number in the `CompressionCodec` enumeration. */
  readonly codec: number;
  pages: DraftPage[];
}

export interface DraftPage {
  readonly header: StructNode;
  body: Uint8Array;
}

/** Field numbers of parquet.thrift. */
export const PAGE = {
  type: 1,
  uncompressedSize: 2,
  compressedSize: 3,
  crc: 4,
  dataV1: 5,
  dictionary: 7,
  dataV2: 8,
};
export const METADATA = {
  codec: 4,
  valueCount: 5,
  compressedSize: 7,
  dataPageOffset: 9,
  dictionaryPageOffset: 11,
};
const DICTIONARY_PAGE = 2;
const TAIL_LENGTH = 8;

/** Takes a sound file apart; undefined if it isn't one that this can (encrypted, say): only its bytes can be changed then. */
export function openDraft(bytes: Uint8Array): Draft | undefined {
  try {
    return parseDraft(bytes);
  } catch {
    return undefined;
  }
}

function parseDraft(bytes: Uint8Array): Draft {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const dataEnd = bytes.length - TAIL_LENGTH - view.getUint32(bytes.length - TAIL_LENGTH, true);
  const { node: footer } = parseThrift(bytes.subarray(0, bytes.length - TAIL_LENGTH), dataEnd);
  const chunks = itemsOf(fieldOf(footer, 4))
    .flatMap((rowGroup) => itemsOf(fieldOf(rowGroup, 1)))
    .map((chunk) => parseChunk(bytes, fieldOf(chunk, 3)))
    .toSorted((a, b) => a.start - b.start);
  const parts: DraftPart[] = [];
  let position = 0;
  for (const { start, end, chunk } of chunks) {
    if (start < position) throw new Error("chunks overlap");
    parts.push({ kind: "bytes", bytes: bytes.slice(position, start) }, chunk);
    position = end;
  }
  parts.push({ kind: "bytes", bytes: bytes.slice(position, dataEnd) });
  return { footer, parts };
}

function parseChunk(bytes: Uint8Array, metadata: ThriftNode | undefined) {
  const data = integerAt(metadata, METADATA.dataPageOffset);
  const length = integerAt(metadata, METADATA.compressedSize);
  const codec = integerAt(metadata, METADATA.codec);
  if (metadata === undefined || data === undefined || length === undefined || codec === undefined) {
    throw new Error("a chunk without metadata");
  }
  const dictionary = integerAt(metadata, METADATA.dictionaryPageOffset) ?? 0;
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  const pages: DraftPage[] = [];
  let at = start;
  while (at < start + length) {
    const { node: header, end } = parseThrift(bytes, at);
    const bodyLength = integerAt(header, PAGE.compressedSize) ?? 0;
    if (bodyLength < 0 || end + bodyLength > bytes.length) throw new Error("a page past the end");
    pages.push({ header, body: bytes.slice(end, end + bodyLength) });
    at = end + bodyLength;
  }
  const chunk: DraftChunk = { kind: "chunk", metadata, codec, pages };
  return { start, end: at, chunk };
}

/** Every page of a draft with the chunk that it belongs to. */
export function pagesOf(draft: Draft): { readonly chunk: DraftChunk; readonly page: DraftPage }[] {
  return draft.parts.flatMap((part) =>
    part.kind === "chunk" ? part.pages.map((page) => ({ chunk: part, page })) : [],
  );
}

/** Makes a page's header tell the truth about its body again. */
export function settlePage({ header, body }: DraftPage): void {
  setInteger(header, PAGE.compressedSize, body.length);
  setInteger(header, PAGE.crc, crc32(body) | 0);
}

/** Writes pages and gaps; with `settle`, the footer's offsets and sizes follow. */
export function writeData(draft: Draft, settle: boolean): Uint8Array {
  const written: Uint8Array[] = [];
  let offset = 0;
  const put = (bytes: Uint8Array) => {
    written.push(bytes);
    offset += bytes.length;
  };
  for (const part of draft.parts) {
    if (part.kind === "bytes") {
      put(part.bytes);
      continue;
    }
    const start = offset;
    let dictionary: number | undefined;
    let data: number | undefined;
    for (const { header, body } of part.pages) {
      if (integerAt(header, PAGE.type) === DICTIONARY_PAGE) dictionary ??= offset;
      else data ??= offset;
      put(encodeThrift(header));
      put(body);
    }
    if (!settle) continue;
    setInteger(part.metadata, METADATA.compressedSize, offset - start);
    setInteger(part.metadata, METADATA.dataPageOffset, data ?? start);
    setInteger(part.metadata, METADATA.dictionaryPageOffset, dictionary ?? 0);
  }
  return concat(written);
}

/** A file of this data and this footer. */
export function withFooter(data: Uint8Array, footer: StructNode): Uint8Array {
  const bytes = encodeThrift(footer);
  return concat([data, bytes, uint32(bytes.length), new TextEncoder().encode("PAR1")]);
}
