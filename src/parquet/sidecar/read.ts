import { type ByteSource, type PageIndexRow, UnreadableFileError } from "../../model/index.ts";
import { readFooter } from "../footer/read-footer.ts";
import type { FileMetadata } from "../metadata.ts";
import { type Cell, readCells } from "./cells.ts";
import { pageRowsOf } from "./page-rows.ts";
import { DATA_FILE_PATH_KEY, SIDECAR_COLUMNS } from "./schema.ts";

/** A page-index sidecar, read back. */
export interface Sidecar {
  /** The data file that it belongs to, as planned (06 §4.4). */
  readonly dataFilePath: string;
  /** In file order. */
  readonly rows: readonly PageIndexRow[];
}

/** A file that repeats a few bytes could announce rows without end; no data file has this many pages. */
const MAX_ROWS = 50_000_000;

/**
 * Reads a page-index sidecar, 06 §4, whoever wrote it: any encoding, codec and number of row groups, but the 34 columns of
 * §4.1 and only such rows as §4.2 allows. Anything else is an error, so that a row never says something its file doesn't.
 */
export async function readSidecar(
  source: ByteSource,
  options: { readonly signal: AbortSignal },
): Promise<Sidecar> {
  const footer = await readFooter(source, options);
  const dataFilePath = footer.keyValueMetadata.get(DATA_FILE_PATH_KEY);
  if (dataFilePath === undefined) throw notASidecar(source, `it has no ${DATA_FILE_PATH_KEY} entry`);
  checkColumns(source, footer);
  if (footer.rowCount > MAX_ROWS) {
    throw notASidecar(source, `${footer.rowCount} rows are more than the ${MAX_ROWS} that are read`);
  }
  const columns = new Map(SIDECAR_COLUMNS.map(({ name }): [string, Cell[]] => [name, []]));
  for (const rowGroup of footer.rowGroups) {
    for (const chunk of rowGroup.chunks) {
      const cells = columns.get(chunk.leaf.name) ?? [];
      const expected = cells.length + rowGroup.rowCount;
      if (chunk.valueCount === rowGroup.rowCount && expected <= footer.rowCount) {
        await readCells(cells, source, footer, rowGroup, chunk, options.signal);
      }
      if (cells.length !== expected) {
        const where = { file: source.path, column: chunk.leaf.name, rowGroup: rowGroup.ordinal };
        throw new UnreadableFileError(
          `the column chunk holds ${chunk.valueCount} values for ${rowGroup.rowCount} rows, in a file of ${footer.rowCount}`,
          where,
        );
      }
    }
  }
  return { dataFilePath, rows: pageRowsOf({ file: source.path, columns, rowCount: footer.rowCount }) };
}

/** By name, order and physical type; annotations may be missing, since they change no stored value. */
function checkColumns(source: ByteSource, { schema }: FileMetadata): void {
  for (const [i, expected] of SIDECAR_COLUMNS.entries()) {
    const leaf = schema.leaves[i];
    const found = leaf && describeType(leaf.name, leaf.physicalType, leaf.typeLength);
    const wanted = describeType(expected.name, expected.physicalType, expected.typeLength);
    if (found !== wanted) {
      throw notASidecar(source, `column ${i + 1} is ${found ?? "missing"} where ${wanted} belongs`);
    }
    if (leaf !== undefined && (leaf.maxRepetitionLevel > 0 || leaf.maxDefinitionLevel > 1)) {
      throw notASidecar(source, `column ${expected.name} is nested`);
    }
  }
  if (schema.leaves.length > SIDECAR_COLUMNS.length) {
    throw notASidecar(source, `it has ${schema.leaves.length} columns instead of ${SIDECAR_COLUMNS.length}`);
  }
}

function describeType(name: string, physicalType: string, typeLength: number): string {
  return `${name} ${physicalType}${typeLength > 0 ? `(${typeLength})` : ""}`;
}

function notASidecar(source: ByteSource, why: string): UnreadableFileError {
  return new UnreadableFileError(`is not a page-index sidecar: ${why}`, { file: source.path });
}
