import type { ByteSource, PageIndexRow } from "../../model/index.ts";
import {
  type ColumnChunk,
  createFastEngine,
  type FileMetadata,
  indexPages,
  type Page,
  readFooter,
  type SchemaLeaf,
  walkPages,
} from "../../parquet/index.ts";
import { DATA_FILE_PATH_KEY, readSidecar } from "../../parquet/sidecar/index.ts";
import { formatBytes, formatCount, keepStart, printable } from "../terminal/format.ts";
import { renderTable, type TableColumn } from "../terminal/table.ts";
import type { InspectOptions } from "./options.ts";
import { annotationText, boundView, encodingName } from "./parquet-names.ts";
import { boundJson, boundTexts } from "./values.ts";

/** A Parquet file as tables or JSON; a sidecar, which is one too, as its page rows. */
export async function inspectParquet(
  source: ByteSource,
  options: InspectOptions,
  signal: AbortSignal,
): Promise<string> {
  const footer = await readFooter(source, { signal });
  const dataFile = footer.keyValueMetadata.get(DATA_FILE_PATH_KEY);
  if (dataFile !== undefined) {
    const { rows } = await readSidecar(source, { signal });
    return options.json ? sidecarJson(dataFile, rows) : renderSidecar(dataFile, rows, options.limit);
  }
  const chunks = await walkChunks(source, footer, signal);
  const rows = options.pages ? await pageRows(source, footer, signal) : undefined;
  return options.json
    ? fileJson(source, footer, chunks, rows)
    : renderFile(source, footer, chunks, rows, options);
}

interface WalkedChunk {
  readonly rowGroup: number;
  readonly chunk: ColumnChunk;
  /** Page headers only; a chunk that can't be walked says why instead. */
  readonly pages: readonly Page[];
  readonly trouble: string | undefined;
}

async function walkChunks(
  source: ByteSource,
  footer: FileMetadata,
  signal: AbortSignal,
): Promise<WalkedChunk[]> {
  const walked: WalkedChunk[] = [];
  for (const rowGroup of footer.rowGroups) {
    for (const chunk of rowGroup.chunks) {
      const pages: Page[] = [];
      let trouble: string | undefined;
      try {
        for await (const page of walkPages(source, footer, rowGroup, chunk, { signal, bodies: false })) {
          pages.push(page);
        }
      } catch (error) {
        signal.throwIfAborted();
        trouble = error instanceof Error ? error.message : String(error);
      }
      walked.push({ rowGroup: rowGroup.ordinal, chunk, pages, trouble });
    }
  }
  return walked;
}

/** Rows by the page's offset, which is unique in a file. */
async function pageRows(
  source: ByteSource,
  footer: FileMetadata,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, PageIndexRow>> {
  const rows = new Map<number, PageIndexRow>();
  for await (const chunkRows of indexPages(source, footer, { engine: createFastEngine(), signal })) {
    for (const row of chunkRows) rows.set(Number(row.pageHeaderOffset), row);
  }
  return rows;
}

const CHUNK_COLUMNS: readonly TableColumn[] = [
  { title: "row group", align: "right" },
  { title: "column", align: "left" },
  { title: "type", align: "left" },
  { title: "codec", align: "left" },
  { title: "encodings", align: "left" },
  { title: "values", align: "right" },
  { title: "pages", align: "right" },
  { title: "compressed", align: "right" },
  { title: "plain", align: "right" },
];

const PAGE_COLUMNS: readonly TableColumn[] = [
  { title: "row group", align: "right" },
  { title: "column", align: "left" },
  { title: "page", align: "right" },
  { title: "kind", align: "left" },
  { title: "encoding", align: "left" },
  { title: "offset", align: "right" },
  { title: "bytes", align: "right" },
  { title: "values", align: "right" },
  { title: "min", align: "left" },
  { title: "max", align: "left" },
];

function renderFile(
  source: ByteSource,
  footer: FileMetadata,
  chunks: readonly WalkedChunk[],
  rows: ReadonlyMap<number, PageIndexRow> | undefined,
  options: InspectOptions,
): string {
  const keys = [...footer.keyValueMetadata.keys()];
  const head = [
    `${printable(source.path)}`,
    `  ${formatCount(footer.rowCount)} rows in ${formatCount(footer.rowGroups.length)} row groups, ${formatCount(footer.schema.leaves.length)} columns, ${formatBytes(source.size)} (footer ${formatBytes(footer.footerLength)})`,
    `  written by ${printable(footer.createdBy ?? "an unnamed program")}`,
    ...(keys.length === 0 ? [] : [`  key/value metadata: ${printable(keys.join(", "))}`]),
  ];
  const parts = [
    head.join("\n"),
    section("column chunks", CHUNK_COLUMNS, chunks.map(chunkCells), options.limit),
  ];
  const troubles = chunks.filter((chunk) => chunk.trouble !== undefined);
  if (troubles.length > 0) parts.push(troubles.map((chunk) => printable(chunk.trouble ?? "")).join("\n"));
  if (rows !== undefined) {
    parts.push(
      section(
        "pages",
        PAGE_COLUMNS,
        chunks.flatMap((chunk) => pageCells(chunk, rows)),
        options.limit,
      ),
    );
  }
  return parts.join("\n\n");
}

function chunkCells({ rowGroup, chunk, pages, trouble }: WalkedChunk): readonly string[] {
  return [
    String(rowGroup),
    keepStart(chunk.leaf.name, 40),
    typeText(chunk.leaf),
    chunk.codec,
    chunk.encodings.join(", "),
    formatCount(chunk.valueCount),
    trouble === undefined ? formatCount(pages.filter((page) => page.ordinal !== undefined).length) : "?",
    formatBytes(chunk.totalCompressedSize),
    formatBytes(chunk.totalUncompressedSize),
  ];
}

function pageCells(
  { rowGroup, chunk, pages }: WalkedChunk,
  rows: ReadonlyMap<number, PageIndexRow>,
): (readonly string[])[] {
  return pages.map((page) => {
    const row = rows.get(page.offset);
    const [min, max] = row === undefined ? ["", ""] : boundTexts(row, boundView(chunk.leaf.annotation));
    return [
      String(rowGroup),
      keepStart(chunk.leaf.name, 40),
      page.ordinal === undefined ? "" : String(page.ordinal),
      page.header.type,
      "encoding" in page.header ? encodingName(page.header.encoding) : "",
      String(page.offset),
      formatBytes(page.totalSize),
      "valueCount" in page.header ? formatCount(page.header.valueCount) : "",
      min,
      max,
    ];
  });
}

function typeText(leaf: SchemaLeaf): string {
  const physical =
    leaf.physicalType === "FIXED_LEN_BYTE_ARRAY" ? `FIXED[${leaf.typeLength}]` : leaf.physicalType;
  const annotation = annotationText(leaf.annotation);
  return annotation === "" ? physical : `${physical} ${annotation}`;
}

const SIDECAR_COLUMNS: readonly TableColumn[] = [
  { title: "column", align: "left" },
  { title: "row group", align: "right" },
  { title: "page", align: "right" },
  { title: "first row", align: "right" },
  { title: "rows", align: "right" },
  { title: "offset", align: "right" },
  { title: "bytes", align: "right" },
  { title: "dictionary", align: "right" },
  { title: "type", align: "left" },
  { title: "min", align: "left" },
  { title: "max", align: "left" },
];

function renderSidecar(dataFile: string, rows: readonly PageIndexRow[], limit: number): string {
  const cells = rows.map((row) => [
    keepStart(row.columnName, 40),
    String(row.rowGroup),
    String(row.pageOrdinal),
    formatCount(row.firstRowIndex),
    formatCount(row.rowCount),
    String(row.pageHeaderOffset),
    formatBytes(row.pageTotalCompressedSize),
    row.dictionaryPageHeaderOffset === undefined ? "–" : String(row.dictionaryPageHeaderOffset),
    row.parquetPhysicalType,
    ...boundTexts(row),
  ]);
  const head = `page index of ${printable(dataFile)}\n  ${formatCount(rows.length)} pages`;
  return cells.length === 0 ? head : `${head}\n\n${section("", SIDECAR_COLUMNS, cells, limit)}`;
}

function section(
  title: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  limit: number,
): string {
  const shown = limit === 0 ? rows : rows.slice(0, limit);
  const more =
    shown.length < rows.length
      ? `\n… and ${formatCount(rows.length - shown.length)} more (--limit 0 shows all)`
      : "";
  return `${title === "" ? "" : `${title}\n\n`}${renderTable(columns, shown)}${more}`;
}

function sidecarJson(dataFile: string, rows: readonly PageIndexRow[]): string {
  return JSON.stringify({ kind: "sidecar", dataFile, pages: rows.map(rowJson) });
}

function rowJson(row: PageIndexRow) {
  return {
    column: row.columnName,
    rowGroup: row.rowGroup,
    page: row.pageOrdinal,
    firstRow: String(row.firstRowIndex),
    rows: row.rowCount,
    offset: String(row.pageHeaderOffset),
    bytes: row.pageTotalCompressedSize,
    dictionaryOffset:
      row.dictionaryPageHeaderOffset === undefined ? null : String(row.dictionaryPageHeaderOffset),
    dictionaryBytes: row.dictionaryPageTotalCompressedSize ?? null,
    requiresDictionary: row.requiresDictionaryPage,
    physicalType: row.parquetPhysicalType,
    compression: row.parquetCompression,
    maxDefinitionLevel: row.parquetMaxDefLevel,
    decimal: row.decimal ?? null,
    bounds: boundJson(row),
  };
}

function fileJson(
  source: ByteSource,
  footer: FileMetadata,
  chunks: readonly WalkedChunk[],
  rows: ReadonlyMap<number, PageIndexRow> | undefined,
): string {
  return JSON.stringify({
    kind: "parquet",
    path: source.path,
    bytes: source.size,
    footerBytes: footer.footerLength,
    createdBy: footer.createdBy ?? null,
    rows: footer.rowCount,
    rowGroups: footer.rowGroups.map((rowGroup) => ({
      ordinal: rowGroup.ordinal,
      rows: rowGroup.rowCount,
      chunks: chunks
        .filter((chunk) => chunk.rowGroup === rowGroup.ordinal)
        .map(({ chunk, pages, trouble }) => ({
          column: chunk.leaf.name,
          type: typeText(chunk.leaf),
          codec: chunk.codec,
          encodings: chunk.encodings,
          values: chunk.valueCount,
          compressedBytes: chunk.totalCompressedSize,
          uncompressedBytes: chunk.totalUncompressedSize,
          trouble: trouble ?? null,
          pages: pages.map((page) => ({
            kind: page.header.type,
            offset: page.offset,
            bytes: page.totalSize,
            ...("encoding" in page.header ? { encoding: encodingName(page.header.encoding) } : {}),
            ...("valueCount" in page.header ? { values: page.header.valueCount } : {}),
            ...(rows === undefined ? {} : { bounds: pageBounds(rows.get(page.offset)) }),
          })),
        })),
    })),
  });
}

function pageBounds(row: PageIndexRow | undefined) {
  return row === undefined ? null : boundJson(row);
}
