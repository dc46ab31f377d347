import { type CapturePolicy, type Generation, TableError } from "../../model/index.ts";
import {
  fieldIdColumnId,
  formatLogicalType,
  isJavaBlank,
  javaTrim,
  type LogicalType,
} from "../../types/index.ts";
import type { ColumnLocation, SnapshotColumn } from "../snapshot.ts";
import { logicalTypeOf } from "./logical-type.ts";
import {
  type IcebergSchema,
  type IcebergSnapshotEntry,
  type IcebergType,
  type TableMetadata,
  visitFields,
} from "./metadata/index.ts";

/**
 * Which fields of an Iceberg snapshot are columns, which of them are asked for, and by what name and type each is known
 * (04 §8, §10, §11). Decision 31: a field id in neither schema is no column; decision 32: a nested leaf has no top-level name.
 */
export interface IcebergColumn extends SnapshotColumn {
  readonly fieldId: number;
  /** By which bounds are decoded: the one whose logical type is shown (decision 29). */
  readonly icebergType: IcebergType;
  readonly logical: LogicalType;
}

/** A selector names no column of the snapshot (04 §18). */
export class UnknownColumnError extends TableError {
  readonly selector: string;

  constructor(
    selector: string,
    message = `Unknown column selector: ${selector}`,
    referenceType = "IllegalArgumentException",
  ) {
    super(message, { referenceType });
    this.selector = selector;
  }
}

/** The two schemas of 04 §8.2. They differ only for chunked, schema id 0, after the table's schema has changed. */
export interface SnapshotSchemas {
  /** For column selection, and for names and types of columns that the other lacks. */
  readonly selection: IcebergSchema;
  /** The planner's: names and types of included columns. */
  readonly planner: IcebergSchema;
}

export function snapshotSchemas(
  metadata: TableMetadata,
  snapshot: IcebergSnapshotEntry,
  generation: Generation,
): SnapshotSchemas {
  const { schemaId } = snapshot;
  const own = schemaId === undefined ? undefined : metadata.schemas.get(schemaId);
  const aboveZero =
    own !== undefined && schemaId !== undefined && schemaId > 0 ? own : metadata.currentSchema;
  const fromZero =
    own !== undefined && schemaId !== undefined && schemaId >= 0 ? own : metadata.currentSchema;
  return { selection: generation === "chunked" ? fromZero : aboveZero, planner: aboveZero };
}

/** A field of a schema with its logical type. */
interface MappedField {
  readonly name: string;
  readonly type: IcebergType;
  readonly logical: LogicalType;
  readonly topLevel: boolean;
}

/**
 * The planner's field map (04 §8.1): a type without a mapping fails the group, also in a column nobody asked for.
 */
export function plannerFields(schemas: SnapshotSchemas): ReadonlyMap<number, MappedField> {
  const fields = new Map<number, MappedField>();
  for (const { field, depth } of visitFields(schemas.planner.fields)) {
    const logical = logicalTypeOf(field.type);
    fields.set(field.id, { name: field.name, type: field.type, logical, topLevel: depth === 0 });
  }
  return fields;
}

/**
 * Ids that selectors or the default scope ask for (04 §10.1, §10.2); undefined where the set of names is empty, which means
 * every id of the planner's schema (QUIRK, must match). Throws for a selector that names no column.
 */
export function selectedFieldIds(
  schema: IcebergSchema,
  policy: CapturePolicy,
): ReadonlySet<number> | undefined {
  const selectors = policy.columns
    .filter((column) => column.captureStats)
    .map((column) => javaTrim(column.selector))
    .filter((selector) => !isJavaBlank(selector));
  if (selectors.length > 0) return resolveSelectors(schema, selectors);
  // By field, not by name as in the reference: a name that begins with `#` or has blanks around it is a name (may improve).
  const topLevel = schema.fields.map((field) => field.id);
  const scoped = {
    "first-n": () => topLevel.slice(0, policy.maxDefaultColumns),
    all: () => topLevel,
    "explicit-only": () => [],
  }[policy.defaultColumnScope]();
  return scoped.length === 0 ? undefined : new Set(scoped);
}

function resolveSelectors(schema: IcebergSchema, selectors: readonly string[]): ReadonlySet<number> {
  const idByPath = new Map<string, number>();
  // The one visited later wins, should a name with dots in it equal a nested path (04 §10.1).
  for (const { field, path } of visitFields(schema.fields)) idByPath.set(path, field.id);
  return new Set(
    selectors.map((selector) => {
      if (selector.startsWith("#")) return fieldIdSelector(selector.slice(1));
      const id = idByPath.get(selector);
      if (id === undefined) {
        throw new UnknownColumnError(selector);
      }
      return id;
    }),
  );
}

/** What a selector names: a path of the schema, or `#` and a field id; undefined: nothing. */
export function locateColumn(schema: IcebergSchema, selector: string): ColumnLocation | undefined {
  let found: ColumnLocation | undefined;
  for (const { field, path } of visitFields(schema.fields)) {
    if (selector === path || selector === `#${field.id}`) found = { path, fieldId: field.id };
  }
  return found;
}

function fieldIdSelector(text: string): number {
  const id = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(id >= -(2 ** 31) && id < 2 ** 31)) {
    throw new UnknownColumnError(`#${text}`, `For input string: "${text}"`, "NumberFormatException");
  }
  return id;
}

/** Every column of the snapshot in schema order, those asked for marked `included`. */
export function snapshotColumns(
  schemas: SnapshotSchemas,
  planner: ReadonlyMap<number, MappedField>,
  selected: ReadonlySet<number> | undefined,
): IcebergColumn[] {
  const known = new Map<number, MappedField & { readonly included: boolean }>();
  const isIncluded = (id: number) => (selected === undefined ? planner.has(id) : selected.has(id));
  for (const { field, depth } of visitFields(schemas.selection.fields)) {
    const included = isIncluded(field.id);
    const planned = included ? planner.get(field.id) : undefined;
    const own = planned ?? mapOwn(field.name, field.type, depth === 0);
    if (own !== undefined) known.set(field.id, { ...own, included });
  }
  for (const [id, field] of planner) {
    // A column added after the snapshot's schema: there only if everything of the planner's schema is asked for.
    if (!known.has(id) && isIncluded(id)) known.set(id, { ...field, included: true });
  }
  const holders = new Map<string, number>();
  for (const { name, included } of known.values())
    if (included) holders.set(name, (holders.get(name) ?? 0) + 1);
  return [...known].map(([fieldId, field]) => ({
    columnId: fieldIdColumnId(fieldId),
    displayName: field.name,
    logicalType: formatLogicalType(field.logical),
    // Matched by current name; a name that several included columns share has neither width nor NDV (07 §6.2).
    topLevelName:
      field.topLevel && field.name !== "" && (holders.get(field.name) ?? 0) <= 1 ? field.name : undefined,
    fieldId,
    included: field.included,
    icebergType: field.type,
    logical: field.logical,
  }));
}

/** A field of the selection schema that the planner's lacks; one whose type has no mapping has no statistics. */
function mapOwn(name: string, type: IcebergType, topLevel: boolean): MappedField | undefined {
  try {
    return { name, type, logical: logicalTypeOf(type), topLevel };
  } catch (error) {
    if (error instanceof TableError) return undefined;
    throw error;
  }
}
