import { z } from "zod";
import { UsageError } from "../../model/index.ts";
import { formatBytes, formatCount, keepEnd, keepStart } from "../terminal/format.ts";
import { renderTable, type TableColumn } from "../terminal/table.ts";

/** The parts of the records' protobuf JSON that the tables show; everything else passes through `--json` untouched. */
const scalar = z.object({
  displayName: z.string().default(""),
  logicalType: z.string().default(""),
  rowCount: z.string().default("0"),
  nullCount: z.string().optional(),
  min: z.string().optional(),
  max: z.string().optional(),
  avgWidthBytes: z.string().optional(),
  ndv: z
    .object({ approx: z.object({ estimate: z.union([z.number(), z.string()]).default(0) }).optional() })
    .optional(),
});
const fileColumn = z.object({ columnId: z.string().default("0"), scalar: scalar.optional() });
const statsRecord = z.object({
  snapshotId: z.string().default("0"),
  target: z.object({ column: z.object({ columnId: z.string().default("0") }).optional() }),
  table: z
    .object({
      rowCount: z.string().default("0"),
      dataFileCount: z.string().default("0"),
      totalSizeBytes: z.string().default("0"),
    })
    .optional(),
  scalar: scalar.optional(),
  file: z
    .object({
      filePath: z.string().default(""),
      fileContent: z.string().default(""),
      rowCount: z.string().default("0"),
      sizeBytes: z.string().default("0"),
      partitionDataJson: z.string().default(""),
      columns: z.array(fileColumn).default([]),
    })
    .optional(),
});
const artifactRecord = z.object({
  target: z.object({ file: z.object({ filePath: z.string() }) }),
  artifactUri: z.string(),
  coverage: z
    .object({
      rowsIndexed: z.string().optional(),
      pagesIndexed: z.string().optional(),
      rowGroupsIndexed: z.string().optional(),
    })
    .default({}),
  properties: z.record(z.string(), z.string()).default({}),
});
type StatsRecordJson = z.infer<typeof statsRecord>;
type ArtifactRecordJson = z.infer<typeof artifactRecord>;

/** One parsed line with its number, for messages. */
export interface Line {
  readonly number: number;
  readonly value: unknown;
}

export function parseLines(text: string, file: string): readonly Line[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [{ number: index + 1, value: JSON.parse(line) as unknown }];
    } catch {
      throw new UsageError(
        `${file}, line ${index + 1} is not JSON: inspect reads Parquet files and the NDJSON that capture writes`,
      );
    }
  });
}

/** Tables for the records of `stats.ndjson` or `artifacts.ndjson`; `limit` rows each. */
export function renderRecords(lines: readonly Line[], file: string, limit: number): string {
  const artifacts: ArtifactRecordJson[] = [];
  const stats: StatsRecordJson[] = [];
  for (const { number, value } of lines) {
    const artifact = artifactRecord.safeParse(value);
    if (artifact.success) {
      artifacts.push(artifact.data);
      continue;
    }
    const record = statsRecord.safeParse(value);
    if (!record.success) {
      throw new UsageError(`${file}, line ${number} is neither a statistics record nor an artifact record`);
    }
    stats.push(record.data);
  }
  const parts = [
    renderTables(stats),
    renderColumns(stats, limit),
    renderFiles(stats, limit),
    renderArtifacts(artifacts, limit),
  ].filter((part) => part !== "");
  return parts.length === 0 ? "no records" : parts.join("\n\n");
}

function renderTables(records: readonly StatsRecordJson[]): string {
  return records
    .flatMap(({ table }) =>
      table === undefined
        ? []
        : [
            `table: ${formatCount(BigInt(table.rowCount))} rows in ${formatCount(BigInt(table.dataFileCount))} data files, ${formatBytes(BigInt(table.totalSizeBytes))}`,
          ],
    )
    .join("\n");
}

const COLUMN_COLUMNS: readonly TableColumn[] = [
  { title: "column", align: "left" },
  { title: "type", align: "left" },
  { title: "rows", align: "right" },
  { title: "nulls", align: "right" },
  { title: "distinct", align: "right" },
  { title: "width", align: "right" },
  { title: "min", align: "left" },
  { title: "max", align: "left" },
];

function renderColumns(records: readonly StatsRecordJson[], limit: number): string {
  const rows = records.flatMap(({ scalar: column }) => {
    if (column === undefined) return [];
    const estimate = column.ndv?.approx?.estimate;
    return [
      [
        column.displayName,
        column.logicalType,
        formatCount(BigInt(column.rowCount)),
        column.nullCount === undefined ? "–" : formatCount(BigInt(column.nullCount)),
        estimate === undefined ? "–" : `≈ ${formatCount(Math.round(Number(estimate)))}`,
        column.avgWidthBytes ?? "–",
        bound(column.min),
        bound(column.max),
      ],
    ];
  });
  return section("columns", COLUMN_COLUMNS, rows, limit);
}

const FILE_COLUMNS: readonly TableColumn[] = [
  { title: "file", align: "left" },
  { title: "content", align: "left" },
  { title: "rows", align: "right" },
  { title: "bytes", align: "right" },
  { title: "columns", align: "right" },
  { title: "partition", align: "left" },
];

function renderFiles(records: readonly StatsRecordJson[], limit: number): string {
  const rows = records.flatMap(({ file }) =>
    file === undefined
      ? []
      : [
          [
            keepEnd(file.filePath, 60),
            file.fileContent.replace(/^FC_/, "").toLowerCase(),
            formatCount(BigInt(file.rowCount)),
            formatBytes(BigInt(file.sizeBytes)),
            formatCount(file.columns.length),
            partition(file.partitionDataJson),
          ],
        ],
  );
  return section("files", FILE_COLUMNS, rows, limit);
}

const ARTIFACT_COLUMNS: readonly TableColumn[] = [
  { title: "data file", align: "left" },
  { title: "kind", align: "left" },
  { title: "pages", align: "right" },
  { title: "row groups", align: "right" },
  { title: "rows", align: "right" },
  { title: "sidecar", align: "left" },
];

function renderArtifacts(records: readonly ArtifactRecordJson[], limit: number): string {
  const rows = records.map((record) => [
    keepEnd(record.target.file.filePath, 60),
    record.properties.materialization ?? "–",
    record.coverage.pagesIndexed ?? "–",
    record.coverage.rowGroupsIndexed ?? "–",
    record.coverage.rowsIndexed ?? "–",
    keepEnd(record.artifactUri.slice(record.artifactUri.lastIndexOf("/") + 1), 24),
  ]);
  return section("index artifacts", ARTIFACT_COLUMNS, rows, limit);
}

function section(
  title: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  limit: number,
): string {
  if (rows.length === 0) return "";
  const shown = limit === 0 ? rows : rows.slice(0, limit);
  const more =
    shown.length < rows.length
      ? `\n… and ${formatCount(rows.length - shown.length)} more (--limit 0 shows all)`
      : "";
  return `${title}\n\n${renderTable(columns, shown)}${more}`;
}

function bound(text: string | undefined): string {
  return text === undefined ? "–" : keepStart(text === "" ? '""' : text, 32);
}

function partition(json: string): string {
  return keepStart(json.replace(/^\{"partitionValues":\[(.*)\]\}$/s, "$1") || "–", 60);
}
