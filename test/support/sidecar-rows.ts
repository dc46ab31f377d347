import type { PageIndexRow } from "../../src/model/index.ts";
import { readSidecar } from "../../src/parquet/sidecar/index.ts";
import { memorySource } from "./memory-source.ts";

/** The page rows of a sidecar's bytes. */
export async function sidecarRows(bytes: Uint8Array | undefined): Promise<readonly PageIndexRow[]> {
  if (bytes === undefined) throw new Error("there is no such sidecar");
  const { signal } = new AbortController();
  return (await readSidecar(memorySource(bytes), { signal })).rows;
}
