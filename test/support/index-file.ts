import { open } from "node:fs/promises";
import type { ByteSource, PageIndexRow } from "../../src/model/index.ts";
import {
  type FileMetadata,
  indexPages,
  type PageEngine,
  readFooter,
  type WalkOptions,
} from "../../src/parquet/index.ts";

export interface IndexedFile {
  readonly footer: FileMetadata;
  readonly rows: readonly PageIndexRow[];
}

/** Footer and all page rows of a file on disk. */
export async function indexFile(
  path: string,
  engine: PageEngine,
  options: Partial<WalkOptions> = {},
): Promise<IndexedFile> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const source: ByteSource = {
      path,
      size,
      async read(offset, length) {
        const buffer = new Uint8Array(length);
        const { bytesRead } = await file.read(buffer, 0, length, offset);
        if (bytesRead !== length)
          throw new RangeError(`read ${bytesRead} of ${length} bytes at ${offset} of ${path}`);
        return buffer;
      },
    };
    const { signal } = new AbortController();
    const footer = await readFooter(source, { signal });
    const rows: PageIndexRow[] = [];
    for await (const chunk of indexPages(source, footer, { engine, signal, ...options })) rows.push(...chunk);
    return { footer, rows };
  } finally {
    await file.close();
  }
}
