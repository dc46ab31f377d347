import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";

/** Rows of each file. */
export const TINY_ROWS = 3;

/** A folder of `files` Parquet files, a few hundred bytes each, all with the same contents. */
export async function writeTinyTable(folder: string, files: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const bytes = new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: "id", data: [1n, 2n, 3n], type: "INT64" },
        { name: "name", data: ["ash", "birch", "cedar"], type: "STRING" },
      ],
    }),
  );
  for (let file = 0; file < files; file++) {
    await writeFile(join(folder, `part-${String(file).padStart(5, "0")}.parquet`), bytes);
  }
}
