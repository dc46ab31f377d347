import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** The folder that `capture` writes, read back as a user's program would read it: the records' protobuf JSON and the sidecars. */

const sketch = z.object({
  /** Inline. */
  type: z.string().optional(),
  encoding: z.string().optional(),
  compression: z.string().optional(),
  version: z.number().optional(),
  /** Chunked. */
  sketchType: z.string().optional(),
  params: z.record(z.string(), z.string()).optional(),
  data: z.string(),
});
const ndv = z.object({
  approx: z.object({
    estimate: z.number().default(0),
    rowsSeen: z.string().optional(),
    rowsTotal: z.string().optional(),
    method: z.string(),
  }),
  sketches: z.array(sketch).default([]),
});
const scalar = z.object({
  displayName: z.string(),
  logicalType: z.string().default(""),
  rowCount: z.string().default("0"),
  nullCount: z.string().optional(),
  nanCount: z.string().optional(),
  min: z.string().optional(),
  max: z.string().optional(),
  avgWidthBytes: z.string().optional(),
  ndv: ndv.optional(),
});
const file = z.object({
  filePath: z.string(),
  fileFormat: z.string().default(""),
  fileContent: z.string(),
  rowCount: z.string().default("0"),
  sizeBytes: z.string().default("0"),
  partitionDataJson: z.string().default(""),
  columns: z.array(z.object({ columnId: z.string(), scalar })).default([]),
});
const table = z.object({
  rowCount: z.string().default("0"),
  dataFileCount: z.string().default("0"),
  totalSizeBytes: z.string().default("0"),
});
const envelope = z.object({
  tableId: z.object({ accountId: z.string(), id: z.string(), kind: z.string() }),
  snapshotId: z.string().default("0"),
});
const statsRecord = envelope.extend({
  target: z.object({ column: z.object({ columnId: z.string() }).optional() }),
  table: table.optional(),
  scalar: scalar.optional(),
  file: file.optional(),
});
const artifactRecord = envelope.extend({
  target: z.object({ file: z.object({ filePath: z.string() }) }),
  artifactUri: z.string(),
  contentSha256B64: z.string(),
  createdAt: z.string(),
  coverage: z.record(z.string(), z.string()).default({}),
  properties: z.record(z.string(), z.string()).default({}),
});

export type StatsJson = z.infer<typeof statsRecord>;
export type FileJson = z.infer<typeof file>;
export type ScalarJson = z.infer<typeof scalar>;
export type ArtifactJson = z.infer<typeof artifactRecord>;

export interface CaptureOutputFolder {
  readonly records: readonly StatsJson[];
  readonly files: readonly FileJson[];
  readonly tables: readonly z.infer<typeof table>[];
  /** COLUMN records by column id. */
  readonly columns: ReadonlyMap<string, ScalarJson>;
  readonly artifacts: readonly ArtifactJson[];
  /** By file name. */
  readonly sidecars: ReadonlyMap<string, Uint8Array>;
  /** The two NDJSON files as text, every time of the clock replaced. */
  readonly timeless: string;
}

export async function readOutput(folder: string): Promise<CaptureOutputFolder> {
  const stats = await readFile(join(folder, "stats.ndjson"), "utf8");
  const artifacts = await readFile(join(folder, "artifacts.ndjson"), "utf8");
  const names = (await readdir(join(folder, "sidecars"))).sort();
  const records = lines(stats).map((line) => statsRecord.parse(JSON.parse(line)));
  const sidecars = names.map(async (name) => [name, await readFile(join(folder, "sidecars", name))] as const);
  return {
    records,
    files: records.flatMap((record) => record.file ?? []),
    tables: records.flatMap((record) => record.table ?? []),
    columns: new Map(
      records.flatMap((record) =>
        record.scalar && record.target.column ? [[record.target.column.columnId, record.scalar]] : [],
      ),
    ),
    artifacts: lines(artifacts).map((line) => artifactRecord.parse(JSON.parse(line))),
    sidecars: new Map(await Promise.all(sidecars)),
    timeless: (stats + artifacts).replaceAll(
      /"(capturedAtMs|createdAt|refreshedAt)":"[^"]*"/g,
      '"$1":"(time)"',
    ),
  };
}

/** The columns of a FILE record by display name. */
export function columnsOf(file: FileJson | undefined): ReadonlyMap<string, ScalarJson> {
  return new Map(file?.columns.map((column) => [column.scalar.displayName, column.scalar]));
}

/** File name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function lines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}
