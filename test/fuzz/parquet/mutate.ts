import { brotliCompressSync, constants } from "node:zlib";
import { decompress } from "../../../src/parquet/codec/index.ts";
import type { Codec } from "../../../src/parquet/metadata.ts";
import { compress } from "../../support/parquet-codecs.ts";
import { concat } from "../../support/parquet-encodings.ts";
import { damage } from "../harness/bytes.ts";
import type { Random } from "../harness/random.ts";
import {
  type Draft,
  type DraftChunk,
  type DraftPage,
  METADATA,
  openDraft,
  PAGE,
  pagesOf,
  settlePage,
  withFooter,
  writeData,
} from "./draft.ts";
import { schemaOf, wholeFileTricks } from "./schema-tricks.ts";
import { damageTree } from "./thrift-damage.ts";
import { fieldOf, integerAt, itemsOf, setInteger, type ThriftNode } from "./thrift-tree.ts";

/**
 * Inputs made of a sound file by changing what it is made of. Most keep the rest of the file true to itself (sizes, offsets and
 * checksums follow the change), so that a change deep in a page is reached and not stopped at the door.
 */
export function mutateParquet(random: Random, file: Uint8Array, donor: Uint8Array): Uint8Array {
  const draft = random.chance(0.08) ? undefined : openDraft(file);
  if (draft === undefined) return damageOften(random, file, donor);
  const changes = random.pick([1, 1, 1, 2, 2, 3, 5]);
  const kinds = Array.from({ length: changes }, () => random.pick(KINDS));
  const count = (kind: (typeof KINDS)[number]) => kinds.filter((one) => one === kind).length;
  for (let i = count("content"); i > 0; i--) damageContent(random, draft, donor);
  for (let i = count("body"); i > 0; i--) damageBody(random, draft, donor);
  for (let i = count("pages"); i > 0; i--) rearrangePages(random, draft);
  if (random.chance(0.004)) plantBomb(random, draft);
  for (let i = count("header"); i > 0; i--) damageHeader(random, draft);
  const data = writeData(draft, random.chance(0.9));
  const numbers = [data.length, ...offsetsOf(draft)].map(BigInt);
  for (let i = count("footer"); i > 0; i--) damageTree(random, draft.footer, numbers);
  for (let i = count("schema"); i > 0; i--) random.pick(wholeFileTricks)(random, schemaOf(draft.footer));
  const input = withFooter(data, draft.footer);
  return random.chance(0.06) ? damageOften(random, input, donor) : input;
}

/** By how often each is picked. */
const KINDS = [
  "content",
  "content",
  "content",
  "header",
  "header",
  "footer",
  "footer",
  "body",
  "pages",
  "schema",
] as const;

function damageOften(random: Random, file: Uint8Array, donor: Uint8Array): Uint8Array {
  let bytes = file;
  for (let i = random.pick([1, 1, 2, 8]); i > 0; i--) bytes = damage(random, bytes, donor);
  return bytes;
}

/** Changes levels, values, lengths or indices inside the compression, and compresses again. */
function damageContent(random: Random, draft: Draft, donor: Uint8Array): void {
  const found = pickPage(random, draft);
  if (found === undefined) return;
  const { chunk, page } = found;
  const codec = CODECS[chunk.codec] ?? "UNCOMPRESSED";
  const v2 = fieldOf(page.header, PAGE.dataV2);
  const levelsLength = v2 === undefined ? 0 : (integerAt(v2, 5) ?? 0) + (integerAt(v2, 6) ?? 0);
  const levels = page.body.slice(0, levelsLength);
  const isCompressed = fieldOf(v2, 7);
  const stored = isCompressed?.kind === "bool" && !isCompressed.value ? "UNCOMPRESSED" : codec;
  const announced = (integerAt(page.header, PAGE.uncompressedSize) ?? 0) - levelsLength;
  // A small file may hold gigabytes of one string: a mutant of it would cost minutes to make.
  if (announced > MAX_REPACKED_BYTES) return;
  const values = tryDecompress(stored, page.body.subarray(levelsLength), announced);
  if (values === undefined) return;
  const changed = damage(random, values, donor);
  if (levelsLength > 0 && random.chance(0.4)) {
    // The lengths of levels are in the header, so a change of their length would only shift everything.
    levels.set(damage(random, levels, donor).subarray(0, levels.length));
  }
  page.body = concat([levels, compress(stored, changed)]);
  setInteger(page.header, PAGE.uncompressedSize, levelsLength + changed.length);
  settlePage(page);
}

const MAX_REPACKED_BYTES = 1024 * 1024;

function tryDecompress(codec: Codec, body: Uint8Array, length: number): Uint8Array | undefined {
  try {
    return decompress(codec, body, length).slice();
  } catch {
    return undefined;
  }
}

function damageBody(random: Random, draft: Draft, donor: Uint8Array): void {
  const found = pickPage(random, draft);
  if (found === undefined) return;
  found.page.body = damage(random, found.page.body, donor);
  settlePage(found.page);
}

function damageHeader(random: Random, draft: Draft): void {
  const found = pickPage(random, draft);
  if (found === undefined) return;
  const { chunk, page } = found;
  const before = valueCountOf(page);
  damageTree(random, page.header, [BigInt(page.body.length)]);
  // A changed count is only looked at closely if the chunk's own count agrees.
  const after = valueCountOf(page);
  const total = integerAt(chunk.metadata, METADATA.valueCount) ?? 0;
  if (after !== before && random.chance(0.7)) {
    setInteger(chunk.metadata, METADATA.valueCount, Math.max(0, total + after - before));
  }
}

function valueCountOf({ header }: DraftPage): number {
  const count = integerAt(fieldOf(header, PAGE.dataV1), 1) ?? integerAt(fieldOf(header, PAGE.dataV2), 1) ?? 0;
  return Number.isSafeInteger(count) ? count : 0;
}

const MAX_REARRANGED_PAGES = 100;

/** Drops, repeats, swaps or moves pages: the chunk's values may no longer add up. */
function rearrangePages(random: Random, draft: Draft): void {
  const chunks = draft.parts.filter((part) => part.kind === "chunk");
  if (chunks.length === 0) return;
  const { metadata, pages } = random.pick(chunks);
  const before = countValues(pages);
  const at = random.below(pages.length);
  const page = pages[at];
  // Changes upon changes must not make a mutant of gigabytes.
  if (page === undefined || pages.length > MAX_REARRANGED_PAGES) return;
  const copies = page.body.length > 4096 ? [1] : [1, 1, 50];
  switch (random.below(5)) {
    case 0:
      pages.splice(at, 1);
      break;
    case 1:
      pages.splice(
        random.below(pages.length + 1),
        0,
        ...Array.from({ length: random.pick(copies) }, () => page),
      );
      break;
    case 2:
      pages.push(...pages.splice(at, 1));
      break;
    case 3:
      pages.splice(at, 1, random.pick(pagesOf(draft)).page);
      break;
    default:
      pages.splice(at, 0, ...random.pick(chunks).pages);
  }
  const total = integerAt(metadata, METADATA.valueCount) ?? 0;
  if (random.chance(0.8)) {
    setInteger(metadata, METADATA.valueCount, Math.max(0, total + countValues(pages) - before));
  }
}

function countValues(pages: readonly DraftPage[]): number {
  return pages.reduce((sum, page) => sum + valueCountOf(page), 0);
}

/** A body that decompresses to far more than it is; the announced size is true or not. */
function plantBomb(random: Random, draft: Draft): void {
  // Pages that are copies of one another would all become it.
  if (pagesOf(draft).length > 10) return;
  const found = pickPage(random, draft);
  const codec = CODECS[found?.chunk.codec ?? 0] ?? "UNCOMPRESSED";
  if (found === undefined || codec === "UNCOMPRESSED" || codec === "LZO") return;
  const { page } = found;
  const length = random.pick([1, 12, 24]) * 1024 * 1024;
  page.body = bomb(codec, length);
  setInteger(page.header, PAGE.uncompressedSize, random.pick([length, length, 100, 2 ** 31 - 1]));
  settlePage(page);
}

const bombs = new Map<string, Uint8Array>();

function bomb(codec: Codec, length: number): Uint8Array {
  const key = `${codec} ${length}`;
  const body = bombs.get(key) ?? packZeros(codec, length);
  bombs.set(key, body);
  return body;
}

/** Brotli at its usual effort would take half a minute and gigabytes for so many zeros. */
function packZeros(codec: Codec, length: number): Uint8Array {
  const zeros = new Uint8Array(length);
  if (codec !== "BROTLI") return compress(codec, zeros);
  return brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
}

function pickPage(random: Random, draft: Draft): { chunk: DraftChunk; page: DraftPage } | undefined {
  const pages = pagesOf(draft);
  return pages.length === 0 ? undefined : random.pick(pages);
}

function offsetsOf(draft: Draft): number[] {
  const chunks = itemsOf(fieldOf(draft.footer, 4)).flatMap((rowGroup) => itemsOf(fieldOf(rowGroup, 1)));
  return chunks.slice(0, 32).flatMap((chunk) => numbersOf(fieldOf(chunk, 3)));
}

function numbersOf(metadata: ThriftNode | undefined): number[] {
  return [METADATA.dataPageOffset, METADATA.compressedSize, METADATA.valueCount].flatMap((id) => {
    const value = integerAt(metadata, id);
    return value === undefined ? [] : [value];
  });
}

/** By number in the `CompressionCodec` enumeration. */
const CODECS: readonly Codec[] = [
  "UNCOMPRESSED",
  "SNAPPY",
  "GZIP",
  "LZO",
  "BROTLI",
  "LZ4",
  "ZSTD",
  "LZ4_RAW",
];
