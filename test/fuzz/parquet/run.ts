import { isDeepStrictEqual } from "node:util";
import { type ByteSource, type PageIndexRow, UnreadableFileError } from "../../../src/model/index.ts";
import {
  createFastEngine,
  createReferenceEngine,
  type FileMetadata,
  indexPages,
  type PageEngine,
  readFooter,
  type SchemaLeaf,
} from "../../../src/parquet/index.ts";
import { ThetaBuilder, type ThetaSketch } from "../../../src/sketch/index.ts";
import { memorySource } from "../../support/memory-source.ts";
import { type Fault, type Outcome, type Refused, reasonClass, unexpected } from "../harness/target.ts";

/**
 * A Parquet file through footer, page walk and both engines, one column after the other. What both engines accept must be the
 * same rows and the same sketch; what they don't must be an `UnreadableFileError` that says of which file and why.
 */

const PATH = "hostile.parquet";
const { signal } = new AbortController();
/** Well below the bound of memory that the run is held to, so that the limits are what keeps it. */
const MAX_PAGE_BYTES = 16 * 1024 * 1024;
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
/** Columns of an input that are looked at: a footer may repeat a few bytes into thousands. */
const MAX_COLUMNS = 40;
const MAX_ROW_GROUPS = 50;

export function createParquetRun(): (input: Uint8Array) => Promise<Outcome> {
  const engines = {
    reference: createReferenceEngine(),
    fast: createFastEngine({ maxMemoryBytes: MAX_MEMORY_BYTES }),
  };
  return async (input) => {
    const source = memorySource(input, PATH);
    const footer = await attempt("footer", () => readFooter(source, { signal }));
    if (footer.kind !== "value")
      return footer.kind === "refused" ? { ...footer, reason: `footer: ${footer.reason}` } : footer;
    const seen = { ...footer.value, rowGroups: footer.value.rowGroups.slice(0, MAX_ROW_GROUPS) };
    return compareColumns(source, seen, engines);
  };
}

async function compareColumns(
  source: ByteSource,
  footer: FileMetadata,
  engines: { readonly reference: PageEngine; readonly fast: PageEngine },
): Promise<Outcome> {
  const notes: string[] = [];
  let refusal: string | undefined;
  for (const leaf of footer.schema.leaves.slice(0, MAX_COLUMNS)) {
    const expected = await attempt("reference engine", () =>
      readColumn(source, footer, leaf, engines.reference),
    );
    const found = await attempt("fast engine", () => readColumn(source, footer, leaf, engines.fast));
    if (expected.kind === "finding") return expected;
    if (found.kind === "finding") return found;
    if (found.kind === "value" && expected.kind === "value") {
      const difference = differenceOf(expected.value, found.value, leaf);
      if (difference !== undefined) return difference;
      notes.push("columns that both engines accept");
    } else if (found.kind === "refused" && expected.kind === "refused") {
      refusal ??= found.reason;
      notes.push("columns that both engines refuse");
    } else if (found.kind === "refused") {
      refusal ??= found.reason;
      notes.push(`only the fast engine refuses: ${found.reason}`);
    } else if (expected.kind === "refused") {
      refusal ??= expected.reason;
      notes.push(`only the reference engine refuses: ${expected.reason}`);
    }
  }
  return refusal === undefined ? { kind: "accepted", notes } : { kind: "refused", reason: refusal, notes };
}

interface ColumnResult {
  readonly rows: readonly PageIndexRow[];
  readonly sketch: ThetaSketch;
}

async function readColumn(
  source: ByteSource,
  footer: FileMetadata,
  leaf: SchemaLeaf,
  engine: PageEngine,
): Promise<ColumnResult> {
  const sketch = new ThetaBuilder();
  const rows: PageIndexRow[] = [];
  const chunks = indexPages(source, footer, {
    engine,
    signal,
    maxPageBytes: MAX_PAGE_BYTES,
    columns: new Set([leaf.name]),
    // INT96 has no distinct values (decision 39).
    distinctOf: (one) => (one === leaf && leaf.physicalType !== "INT96" ? sketch : undefined),
  });
  for await (const chunk of chunks) rows.push(...chunk);
  return { rows, sketch: sketch.result() };
}

type Attempt<Value> = { readonly kind: "value"; readonly value: Value } | Refused | Fault;

async function attempt<Value>(during: string, run: () => Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { kind: "value", value: await run() };
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) return unexpected(error, during);
    if (error.file !== PATH || error.reason === "") {
      return { kind: "finding", what: `${during}: an error without file or reason`, detail: error.message };
    }
    return { kind: "refused", reason: reasonClass(error.reason) };
  }
}

function differenceOf(expected: ColumnResult, found: ColumnResult, leaf: SchemaLeaf): Fault | undefined {
  const what = `engines differ: ${leaf.physicalType} ${leaf.annotation?.kind ?? "unannotated"}`;
  if (!isDeepStrictEqual(found.rows, expected.rows)) {
    const at = found.rows.findIndex((row, index) => !isDeepStrictEqual(row, expected.rows[index]));
    return {
      kind: "finding",
      what: `${what} rows`,
      detail: `row ${at}: fast ${show(found.rows[at])}, reference ${show(expected.rows[at])}`,
    };
  }
  if (!isDeepStrictEqual(found.sketch, expected.sketch)) {
    return {
      kind: "finding",
      what: `${what} sketch`,
      detail: `fast ${found.sketch.entries.length / 2} entries, reference ${expected.sketch.entries.length / 2}`,
    };
  }
  return undefined;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, part) => (typeof part === "bigint" ? `${part}n` : part)) ?? "missing";
}
