import type { CapturePolicy, Generation } from "../../../model/index.ts";
import { formatLogicalType, isOrderable } from "../../../types/index.ts";
import { includedNames } from "../../included-names.ts";
import type { FooterColumn, SnapshotColumn } from "../../snapshot.ts";
import type { Metadata } from "../log/index.ts";
import type { DeltaField } from "./delta-type.ts";
import { checkSupportedTypes, logicalTypeOf } from "./logical-types.ts";
import { columnIdOf, flattenSchema } from "./ordinals.ts";
import { parseDeltaSchema } from "./parse-schema.ts";

/** What the capture of a Delta table needs of its schema: the columns of its records and how they are found in footers. */
export interface DeltaColumns {
  readonly columns: readonly SnapshotColumn[];
  readonly footerColumns: readonly FooterColumn[];
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
  return { columns, footerColumns };
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
