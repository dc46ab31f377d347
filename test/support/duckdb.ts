import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";

/** What DuckDB, a reader that isn't ours, answers about one Parquet file; `$file` in the query stands for it. */
export async function queryParquet(bytes: Uint8Array, sql: string): Promise<Record<string, DuckDBValue>[]> {
  const folder = await mkdtemp(join(tmpdir(), "floecat-capture-test-"));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const file = join(folder, "file.parquet");
    await writeFile(file, bytes);
    const reader = await connection.runAndReadAll(sql.replaceAll("$file", `'${file}'`));
    return reader.getRowObjects();
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true });
  }
}
