import type { CapturePolicy } from "../../model/index.ts";
import type { FileMetadata, ParquetSchema, SchemaNode } from "../../parquet/index.ts";
import { isOrderable, pathOrdinalColumnId } from "../../types/index.ts";
import { parquetColumnType } from "../footer-metrics/index.ts";
import { includedNames } from "../included-names.ts";
import type { FooterColumn, FooterPlan, SnapshotColumn } from "../snapshot.ts";

/**
 * The top-level columns of a table without metadata, from the footer of its first file (decision 37). Ids follow the chunked
 * PATH_ORDINAL rule of 05 §8.3 in both generations: no catalog has made others.
 */
export function bareColumns(
  footer: FileMetadata,
  policy: CapturePolicy,
): { readonly columns: readonly SnapshotColumn[]; readonly plan: FooterPlan } {
  const { schema } = footer;
  const fields = schema.root.children;
  const included = includedNames(
    policy,
    fields.map((field) => field.name),
  );
  const columns: SnapshotColumn[] = [];
  const footerColumns: FooterColumn[] = [];
  let ordinal = 1;
  for (const field of fields) {
    const type = parquetColumnType(field, schema);
    const column: SnapshotColumn = {
      columnId: pathOrdinalColumnId({ path: field.name, name: field.name, ordinal }),
      displayName: field.name,
      logicalType: type.logicalType === undefined ? "" : type.text,
      topLevelName: field.name,
      fieldId: undefined,
      included: included.has(field.name),
    };
    columns.push(column);
    const hasFigures = type.logicalType !== undefined && isOrderable(type.logicalType);
    if (column.included && column.columnId > 0n && hasFigures) {
      footerColumns.push({
        columnId: column.columnId,
        logicalType: column.logicalType,
        match: { by: "name", name: field.name },
      });
    }
    ordinal += flatSize(field);
  }
  return { columns, plan: { columns: footerColumns, topLevelTypes: topLevelTypes(schema) } };
}

function topLevelTypes(schema: ParquetSchema): Map<string, string> {
  return new Map(schema.root.children.map((field) => [field.name, parquetColumnType(field, schema).text]));
}

/** The field itself and its nested columns: of a struct, of a list of structs, of the values of a map (05 §8.3). */
function flatSize(field: SchemaNode): number {
  return 1 + structFieldsOf(field).reduce((sum, nested) => sum + flatSize(nested), 0);
}

function structFieldsOf(field: SchemaNode): readonly SchemaNode[] {
  if (field.leafIndex !== undefined) return [];
  switch (field.annotation?.kind) {
    case "VARIANT":
      return [];
    case "LIST":
      return structFields(listElement(field));
    case "MAP":
      return structFields(field.children[0]?.children[1]);
    default:
      return field.children;
  }
}

/** Fields of a group that is a struct itself, not one more list or map. */
function structFields(node: SchemaNode | undefined): readonly SchemaNode[] {
  if (node === undefined || node.leafIndex !== undefined || node.annotation !== undefined) return [];
  return node.repetition === "REPEATED" ? [] : node.children;
}

/**
 * The element of a LIST: the child of its repeated group. In files of older writers the repeated group is the element, by the
 * backward-compatibility rules of parquet-format.
 */
function listElement(list: SchemaNode): SchemaNode | undefined {
  const repeated = list.children[0];
  if (repeated === undefined || repeated.leafIndex !== undefined) return undefined;
  const isElement =
    repeated.children.length > 1 || repeated.name === "array" || repeated.name === `${list.name}_tuple`;
  return isElement ? { ...repeated, repetition: "REQUIRED" } : repeated.children[0];
}
