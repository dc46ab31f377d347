import type { Generation } from "../../../model/index.ts";
import { pathOrdinalColumnId } from "../../../types/index.ts";
import type { DeltaField, DeltaType } from "./delta-type.ts";

/** A column of the flattened schema, nested ones included (05 §8.3). */
export interface FlatColumn {
  readonly path: string;
  readonly name: string;
  /** From 1, in the whole pre-order list: the rule of the chunked generation. */
  readonly ordinalInTable: number;
  /** From 1, within the struct that holds the column: the rule of the inline generation. */
  readonly ordinalInParent: number;
  readonly topLevel: boolean;
}

/** Pre-order walk: into structs, arrays of structs and maps with struct values, not into map keys or arrays of arrays. */
export function flattenSchema(fields: readonly DeltaField[]): FlatColumn[] {
  const columns: FlatColumn[] = [];
  const walk = (siblings: readonly DeltaField[], prefix: string) => {
    siblings.forEach((field, i) => {
      const path = prefix + field.name;
      columns.push({
        path,
        name: field.name,
        ordinalInTable: columns.length + 1,
        ordinalInParent: i + 1,
        topLevel: prefix === "",
      });
      const nested = nestedFields(field.type);
      if (nested !== undefined) walk(nested.fields, `${path}${nested.suffix}.`);
    });
  };
  walk(fields, "");
  return columns;
}

function nestedFields(type: DeltaType): { fields: readonly DeltaField[]; suffix: string } | undefined {
  if (type.kind === "struct") return { fields: type.fields, suffix: "" };
  if (type.kind === "array" && type.element.kind === "struct") {
    return { fields: type.element.fields, suffix: "[]" };
  }
  if (type.kind === "map" && type.value.kind === "struct") return { fields: type.value.fields, suffix: "{}" };
  return undefined;
}

/**
 * Id of a top-level column by the generation's rule (05 §8.3). Inline takes the column's own position, as the catalog does,
 * where the reference lets a nested column of the same name replace it (decision 30).
 */
export function columnIdOf(column: FlatColumn, generation: Generation): bigint {
  const ordinal = generation === "inline" ? column.ordinalInParent : column.ordinalInTable;
  return pathOrdinalColumnId({ path: column.path, name: column.name, ordinal });
}
