import { zstdDecompressSync } from "node:zlib";
import { asyncBufferFromFile, type DecodedArray, parquetMetadataAsync, parquetRead } from "hyparquet";
import type { Runner } from "./runner.ts";

/** Every value decoded by hyparquet and folded as it is; the rows are a part of the file, so that a run ends. */
export async function hyparquetRunner(file: string, maxRows: number): Promise<Runner> {
  return {
    async run() {
      const buffer = await asyncBufferFromFile(file);
      const metadata = await parquetMetadataAsync(buffer);
      const rows = Math.min(maxRows, Number(metadata.num_rows));
      let chunks = 0;
      await parquetRead({
        file: buffer,
        metadata,
        rowEnd: rows,
        compressors: { ZSTD: (input) => zstdDecompressSync(input) },
        onChunk({ columnData }) {
          fold(columnData);
          chunks++;
        },
      });
      return `${rows} of ${metadata.num_rows} rows, ${chunks} chunks`;
    },
    async close() {},
  };
}

function fold(values: DecodedArray): [unknown, unknown] {
  let min = values[0];
  let max = values[0];
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}
