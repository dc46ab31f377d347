import { type FileHandle, open } from "node:fs/promises";
import { type ColumnChunk, type FileMetadata, readFooter, walkPages } from "../../src/parquet/index.ts";
import { createByteBuffer, writtenBytes } from "../../src/parquet/write/byte-buffer.ts";
import {
  i32,
  i64,
  list,
  putThrift,
  struct,
  type ThriftValue,
  text,
} from "../../src/parquet/write/thrift-writer.ts";
import { localStore } from "../../src/storage/index.ts";

/**
 * Joins the row groups of a flat snappy file into one. DuckDB writes pages of 100 MB into a row group of 2 GiB, which says
 * nothing about memory; its pages of ordinary row groups are copied one after the other instead: a page doesn't depend on where it
 * lies as long as there is no dictionary.
 */
export async function joinRowGroups(from: string, to: string): Promise<void> {
  const { signal } = new AbortController();
  await using source = await localStore().open(from, { signal });
  const footer = await readFooter(source, { signal });
  const output = await open(to, "w");
  try {
    await output.write(MAGIC);
    const chunks: ThriftValue[] = [];
    let position = MAGIC.length;
    for (const leaf of footer.schema.leaves) {
      const start = position;
      let uncompressed = 0;
      for (const rowGroup of footer.rowGroups) {
        const chunk = rowGroup.chunks[leaf.index];
        if (chunk === undefined) throw new Error(`no chunk of ${leaf.name}`);
        for await (const page of walkPages(source, footer, rowGroup, chunk, { signal, bodies: false })) {
          if (page.header.type === "dictionary") throw new Error(`${leaf.name} has a dictionary`);
        }
        await copy(source.read.bind(source), chunk, output, signal);
        position += chunk.totalCompressedSize;
        uncompressed += chunk.totalUncompressedSize;
      }
      chunks.push(columnChunk(footer, leaf.index, start, position - start, uncompressed));
    }
    await output.write(footerBytes(footer, chunks, position));
  } finally {
    await output.close();
  }
}

const MAGIC = Buffer.from("PAR1");
const SNAPPY = 1;
const TYPES = { INT32: 1, INT64: 2, DOUBLE: 5, BYTE_ARRAY: 6 } as const;
const UTF8 = 0;
const [PLAIN, RLE] = [0, 3];

function typeNumber(physicalType: string): number {
  for (const [name, number] of Object.entries(TYPES)) if (name === physicalType) return number;
  throw new Error(`no column of this type is expected: ${physicalType}`);
}

async function copy(
  read: (offset: number, length: number, options: { signal: AbortSignal }) => Promise<Uint8Array>,
  chunk: ColumnChunk,
  output: FileHandle,
  signal: AbortSignal,
): Promise<void> {
  await output.write(await read(chunk.dataPageOffset, chunk.totalCompressedSize, { signal }));
}

function columnChunk(
  footer: FileMetadata,
  index: number,
  start: number,
  compressed: number,
  uncompressed: number,
): ThriftValue {
  const leaf = footer.schema.leaves[index];
  if (leaf === undefined) throw new Error(`no leaf ${index}`);
  const metadata = struct(
    [1, i32(typeNumber(leaf.physicalType))],
    [2, list("i32", [i32(PLAIN), i32(RLE)])],
    [3, list("binary", [text(leaf.name)])],
    [4, i32(SNAPPY)],
    [5, i64(footer.rowCount)],
    [6, i64(uncompressed)],
    [7, i64(compressed)],
    [9, i64(start)],
  );
  return struct([2, i64(0)], [3, metadata]);
}

function footerBytes(footer: FileMetadata, chunks: readonly ThriftValue[], end: number): Uint8Array {
  const { leaves } = footer.schema;
  const elements = leaves.map((leaf) =>
    struct(
      [1, i32(typeNumber(leaf.physicalType))],
      [3, i32(leaf.maxDefinitionLevel)],
      [4, text(leaf.name)],
      [6, leaf.annotation?.kind === "STRING" ? i32(UTF8) : undefined],
    ),
  );
  const rowGroup = struct([1, list("struct", chunks)], [2, i64(end)], [3, i64(footer.rowCount)]);
  const buffer = createByteBuffer(64 * 1024);
  putThrift(
    buffer,
    struct(
      [1, i32(1)],
      [2, list("struct", [struct([4, text("schema")], [5, i32(leaves.length)]), ...elements])],
      [3, i64(footer.rowCount)],
      [4, list("struct", [rowGroup])],
    ),
  );
  const thrift = writtenBytes(buffer);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(thrift.length);
  MAGIC.copy(tail, 4);
  return Buffer.concat([thrift, tail]);
}
