import { UnreadableFileError } from "../../model/index.ts";
import type { ColumnChunk, FileMetadata, RowGroup, SchemaLeaf } from "../../parquet/index.ts";
import {
  encodeBound,
  type LogicalType,
  type LogicalValue,
  mergeValue,
  parseLogicalType,
} from "../../types/index.ts";
import type { ColumnMetrics, FileMetrics, FooterColumn, FooterPlan } from "../snapshot.ts";
import { type RawBounds, rawBounds } from "./chunk-bounds.ts";
import { decodeFooterBound } from "./decode-bound.ts";
import { parquetColumnType } from "./parquet-column-type.ts";
import { StatisticsMismatchError } from "./temporal-values.ts";
import { orderedUuidBounds } from "./uuid-bounds.ts";

/**
 * Row count, null counts and bounds of one file from its footer (05 §7.3). Unlike the reference, a figure that the footer
 * doesn't hold for every row group is left out instead of guessed: no phantom zero bounds (decision 15), no null count where
 * a writer gave none, no bounds that cover only some of the row groups.
 */
export function footerMetrics(footer: FileMetadata, plan: FooterPlan, file: string): FileMetrics {
  checkTypes(footer, plan, file);
  const columns = new Map<bigint, ColumnMetrics>();
  if (footer.rowGroups.length > 0) {
    const leafOf = indexLeaves(footer);
    for (const column of plan.columns) {
      const leaf = leafOf(column.match);
      if (leaf !== undefined) columns.set(column.columnId, columnMetrics(footer, leaf, column, file));
    }
  }
  const rowCount = footer.rowGroups.reduce((sum, group) => sum + BigInt(group.rowCount), 0n);
  return { rowCount, columns };
}

/** Decision 37: a column that has another type than in the first file has no figures that could be told. */
function checkTypes(footer: FileMetadata, plan: FooterPlan, file: string): void {
  if (plan.topLevelTypes === undefined) return;
  for (const field of footer.schema.root.children) {
    const expected = plan.topLevelTypes.get(field.name);
    const found = parquetColumnType(field, footer.schema).text;
    if (expected !== undefined && expected !== found) {
      throw new UnreadableFileError(`has the type ${found}, but ${expected} in the first file of the table`, {
        file,
        column: field.name,
      });
    }
  }
}

/** The top-level leaves by name and by field id; several by the same one can't be told apart and are left out. */
function indexLeaves(footer: FileMetadata): (match: FooterColumn["match"]) => SchemaLeaf | undefined {
  const byName = new Map<string, SchemaLeaf | undefined>();
  const byFieldId = new Map<number, SchemaLeaf | undefined>();
  for (const leaf of footer.schema.leaves) {
    const [name] = leaf.path;
    if (name === undefined || leaf.path.length > 1 || leaf.maxRepetitionLevel > 0) continue;
    byName.set(name, byName.has(name) ? undefined : leaf);
    if (leaf.fieldId === undefined) continue;
    byFieldId.set(leaf.fieldId, byFieldId.has(leaf.fieldId) ? undefined : leaf);
  }
  return (match) => (match.by === "name" ? byName.get(match.name) : byFieldId.get(match.fieldId));
}

function columnMetrics(
  footer: FileMetadata,
  leaf: SchemaLeaf,
  column: FooterColumn,
  file: string,
): ColumnMetrics {
  const type = parseLogicalType(column.logicalType);
  const bounds = new BoundsOfFile(type);
  let nullCount: bigint | undefined = 0n;
  for (const group of footer.rowGroups) {
    const chunk = chunkOf(group, leaf);
    const nulls = chunk === undefined ? undefined : chunkNullCount(chunk, group);
    nullCount = nullCount === undefined || nulls === undefined ? undefined : nullCount + nulls;
    const hasOnlyNulls = group.rowCount === 0 || (nulls !== undefined && nulls === BigInt(group.rowCount));
    if (hasOnlyNulls) continue;
    const raw = chunk === undefined ? undefined : boundsOfChunk(footer, chunk);
    try {
      bounds.add(leaf, raw);
    } catch (error) {
      if (!(error instanceof StatisticsMismatchError)) throw error;
      throw new UnreadableFileError(
        error.message,
        { file, column: leaf.name, rowGroup: group.ordinal },
        { cause: error },
      );
    }
  }
  const { min, max } = bounds;
  return {
    ...(nullCount !== undefined && { nullCount }),
    ...(min !== undefined && { min: encodeBound(type, min) }),
    ...(max !== undefined && { max: encodeBound(type, max) }),
  };
}

/** Chunks stand in leaf order; a footer that has them otherwise is searched. */
function chunkOf(group: RowGroup, leaf: SchemaLeaf): ColumnChunk | undefined {
  const expected = group.chunks[leaf.index];
  if (expected?.leaf.index === leaf.index) return expected;
  return group.chunks.find((chunk) => chunk.leaf.index === leaf.index);
}

/** A required column has no nulls whatever the writer left out; an impossible count is none. */
function chunkNullCount(chunk: ColumnChunk, group: RowGroup): bigint | undefined {
  if (chunk.leaf.maxDefinitionLevel === 0) return 0n;
  const nulls = chunk.statistics?.nullCount;
  return nulls !== undefined && nulls >= 0n && nulls <= BigInt(group.rowCount) ? nulls : undefined;
}

function boundsOfChunk(footer: FileMetadata, chunk: ColumnChunk): RawBounds | undefined {
  return rawBounds(chunk, {
    createdBy: footer.createdBy,
    columnOrder: footer.columnOrders?.[chunk.leaf.index],
  });
}

/** Bounds merged over row groups as values (07 §4.3); void as soon as a row group with values lacks them. */
class BoundsOfFile {
  readonly #type: LogicalType;
  #min: LogicalValue | undefined;
  #max: LogicalValue | undefined;
  #minIsVoid = false;
  #maxIsVoid = false;

  constructor(type: LogicalType) {
    this.#type = type;
  }

  get min(): LogicalValue | undefined {
    return this.#minIsVoid ? undefined : this.#min;
  }

  get max(): LogicalValue | undefined {
    return this.#maxIsVoid ? undefined : this.#max;
  }

  add(leaf: SchemaLeaf, raw: RawBounds | undefined): void {
    const decoded = raw === undefined ? {} : decodePair(this.#type, leaf, raw);
    this.#min = mergeValue(this.#type, this.#min, decoded.min, "min");
    this.#max = mergeValue(this.#type, this.#max, decoded.max, "max");
    this.#minIsVoid ||= decoded.min === undefined;
    this.#maxIsVoid ||= decoded.max === undefined;
  }
}

interface DecodedPair {
  readonly min?: LogicalValue | undefined;
  readonly max?: LogicalValue | undefined;
}

function decodePair(type: LogicalType, leaf: SchemaLeaf, raw: RawBounds): DecodedPair {
  const min = decodeFooterBound(type, leaf, raw.min);
  const max = decodeFooterBound(type, leaf, raw.max);
  if (isNaNValue(min) || isNaNValue(max)) return {};
  if (min?.kind === "UUID" && max?.kind === "UUID") return orderedUuidBounds(min, max);
  return { min, max };
}

/** A bound that is NaN says nothing, and nothing can be made of its partner either (05 §7.3). */
function isNaNValue(value: LogicalValue | undefined): boolean {
  return (value?.kind === "FLOAT" || value?.kind === "DOUBLE") && Number.isNaN(value.value);
}
