import type { CapturePolicy, Generation } from "../../../model/index.ts";
import { formatLogicalType, isOrderable } from "../../../types/index.ts";
import { includedNames } from "../../included-names.ts";
import type { ColumnLocation, FooterColumn, SnapshotColumn } from "../../snapshot.ts";
import type { Metadata } from "../log/index.ts";
import type { DeltaField } from "./delta-type.ts";
import { checkSupportedTypes, logicalTypeOf } from "./logical-types.ts";
import { columnIdOf, flattenSchema } from "./ordinals.ts";
import { parseDeltaSchema } from "./parse-schema.ts";

/** What the capture of a Delta table needs of its schema: the columns of its records and how they are found in footers. */
export interface DeltaColumns {
  readonly columns: readonly SnapshotColumn[];
  readonly footerColumns: readonly FooterColumn[];
  /** By logical path: columns, and what is nested in structs. */
  readonly locations: ReadonlyMap<string, ColumnLocation>;
}

/** How the table names its columns in data files (05 §7.3). */
type MappingMode = "none" | "name" | "id";

/**
 * The top-level columns of a snapshot with their ids and types (05 §8). Nested columns have no statistics (05 §0 fact 2); a
 * column whose id is 0n is left out of records by the builder.
 */
export function deltaColumns(
  metadata: Metadata,
  options: { readonly policy: CapturePolicy; readonly generation: Generation },
): DeltaColumns {
  const fields = parseDeltaSchema(metadata.schemaString);
  checkSupportedTypes(fields);
  const mode = mappingMode(metadata);
  const included = includedNames(
    options.policy,
    fields.map((field) => field.name),
  );
  const topLevel = flattenSchema(fields).filter((column) => column.topLevel);
  const columns: SnapshotColumn[] = [];
  const footerColumns: FooterColumn[] = [];
  topLevel.forEach((flat, i) => {
    const field = fields[i];
    if (field === undefined) return;
    const type = logicalTypeOf(field.type);
    const column: SnapshotColumn = {
      columnId: columnIdOf(flat, options.generation),
      displayName: field.name,
      logicalType: formatLogicalType(type),
      topLevelName: nameInFiles(field, mode),
      topLevelFieldId: mode === "id" ? field.mappingId : undefined,
      fieldId: mode === "id" ? field.mappingId : undefined,
      included: included.has(field.name),
    };
    columns.push(column);
    if (column.included && column.columnId > 0n && isOrderable(type)) {
      footerColumns.push({
        columnId: column.columnId,
        logicalType: column.logicalType,
        match: matchOf(field, mode),
      });
    }
  });
  return { columns, footerColumns, locations: locationsOf(fields, mode) };
}

/** A name with dots in it wins over a nested path that reads the same. */
function locationsOf(fields: readonly DeltaField[], mode: MappingMode): Map<string, ColumnLocation> {
  const locations = new Map<string, ColumnLocation>();
  const visit = (level: readonly DeltaField[], logical: string, physical: string) => {
    for (const field of level) {
      const path = logical + field.name;
      const location = {
        path: physical + nameInFiles(field, mode),
        fieldId: mode === "id" ? field.mappingId : undefined,
      };
      if (!locations.has(path)) locations.set(path, location);
    }
    for (const field of level) {
      if (field.type.kind !== "struct") continue;
      visit(field.type.fields, `${logical}${field.name}.`, `${physical}${nameInFiles(field, mode)}.`);
    }
  };
  visit(fields, "", "");
  return locations;
}

function mappingMode(metadata: Metadata): MappingMode {
  const mode = metadata.configuration.get("delta.columnMapping.mode")?.toLowerCase();
  return mode === "name" || mode === "id" ? mode : "none";
}

function nameInFiles(field: DeltaField, mode: MappingMode): string {
  return mode === "none" ? field.name : (field.physicalName ?? field.name);
}

function matchOf(field: DeltaField, mode: MappingMode): FooterColumn["match"] {
  return mode === "id" && field.mappingId !== undefined
    ? { by: "field-id", fieldId: field.mappingId }
    : { by: "name", name: nameInFiles(field, mode) };
}
