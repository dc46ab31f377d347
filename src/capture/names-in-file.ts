import type { SchemaNode } from "../parquet/index.ts";

/** Columns whose width or distinct values are wanted. */
export interface WantedColumns {
  /** Top-level names as the table has them in its data files. */
  readonly names: readonly string[];
  /** Of a table that maps columns by field id: the ids of these names (decision 29). */
  readonly fieldIds?: ReadonlyMap<string, number> | undefined;
}

/**
 * The wanted columns by the name that the file has for them. By field id in a file that has ids and where the table maps by
 * them: a table converted from another format keeps files whose names are not those of its mapping. By name otherwise.
 */
export function namesInFile(
  topLevel: readonly Pick<SchemaNode, "name" | "fieldId">[],
  wanted: WantedColumns,
): ReadonlyMap<string, string> {
  const { names, fieldIds } = wanted;
  if (fieldIds === undefined || !topLevel.some((field) => field.fieldId !== undefined)) {
    return new Map(names.map((name) => [name, name]));
  }
  const byId = Map.groupBy(topLevel, (field) => field.fieldId);
  return new Map(
    names.flatMap((name) => {
      const id = fieldIds.get(name);
      const [field, ...others] = (id === undefined ? undefined : byId.get(id)) ?? [];
      // Several fields of one id can't be told apart.
      return field === undefined || others.length > 0 ? [] : [[field.name, name]];
    }),
  );
}

/** Figures by the file's names as figures by the table's. */
export function byWantedName<Figure>(
  figures: ReadonlyMap<string, Figure>,
  nameOf: ReadonlyMap<string, string>,
): ReadonlyMap<string, Figure> {
  return new Map(
    [...figures].flatMap(([inFile, figure]) => {
      const name = nameOf.get(inFile);
      return name === undefined ? [] : [[name, figure] as const];
    }),
  );
}
