import { z } from "zod";

/**
 * The parts of the records' protobuf JSON (01 §5, §6) that readers of a capture need; the rest passes through untouched, so
 * that a capture of another version of the program is read as far as it is understood.
 */
const scalar = z.object({
  displayName: z.string().default(""),
  logicalType: z.string().default(""),
  min: z.string().optional(),
  max: z.string().optional(),
});

export const statsRecordJson = z.looseObject({
  target: z.object({
    table: z.unknown().optional(),
    column: z.object({ columnId: z.string().default("0") }).optional(),
    file: z.object({ filePath: z.string().default("") }).optional(),
  }),
  file: z
    .looseObject({
      filePath: z.string().default(""),
      fileContent: z.string().default(""),
      sizeBytes: z.string().default("0"),
      columns: z
        .array(z.looseObject({ columnId: z.string().default("0"), scalar: scalar.optional() }))
        .default([]),
    })
    .optional(),
});

export const artifactRecordJson = z.looseObject({
  target: z.object({ file: z.object({ filePath: z.string() }) }),
  contentSha256B64: z.string(),
});

/** One line of `stats.ndjson`. */
export interface CapturedStatistics {
  /** `table`, `column <id>` or `file <path>`: unique in a table's capture. */
  readonly target: string;
  /** Path of the data or delete file of a FILE record. */
  readonly filePath: string | undefined;
  readonly columns: readonly CapturedColumn[];
  /** The whole record. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** What a FILE record says of one column; texts as 07 §3 writes them. */
export interface CapturedColumn {
  readonly displayName: string;
  readonly logicalType: string;
  readonly min: string | undefined;
  readonly max: string | undefined;
}

/** One line of `artifacts.ndjson`. */
export interface CapturedArtifact {
  readonly filePath: string;
  /** Lower-case hex: the sidecar's name without its suffix. */
  readonly sha256: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Undefined if the value is no statistics record. */
export function statisticsOf(value: unknown): CapturedStatistics | undefined {
  const parsed = statsRecordJson.safeParse(value);
  if (!parsed.success) return undefined;
  const { target, file } = parsed.data;
  const filePath = target.file?.filePath;
  const named =
    filePath !== undefined
      ? `file ${filePath}`
      : target.column !== undefined
        ? `column ${target.column.columnId}`
        : "table";
  return {
    target: named,
    filePath,
    columns: (file?.columns ?? []).flatMap(({ scalar: column }) =>
      column === undefined ? [] : [{ ...column, min: column.min, max: column.max }],
    ),
    json: parsed.data,
  };
}

/** Undefined if the value is no artifact record. */
export function artifactOf(value: unknown): CapturedArtifact | undefined {
  const parsed = artifactRecordJson.safeParse(value);
  if (!parsed.success) return undefined;
  const digest = Buffer.from(parsed.data.contentSha256B64, "base64");
  if (digest.length !== 32) return undefined;
  return {
    filePath: parsed.data.target.file.filePath,
    sha256: digest.toString("hex"),
    json: parsed.data,
  };
}
