import { UsageError } from "../../model/index.ts";

export interface TableName {
  /** Levels joined by `.`. */
  readonly namespace: string;
  readonly table: string;
}

/** `a.b.table`: what is behind the last dot is the table. With a namespace given, the whole text is. */
export function tableName(text: string, namespace: string | undefined): TableName {
  const name = text.trim();
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name) || name.startsWith("/")) {
    throw new UsageError(`${text} is a location; with --catalog the arguments are names, namespace.table`);
  }
  if (namespace !== undefined) {
    if (name === "") throw new UsageError("an empty name is no table");
    return { namespace, table: name };
  }
  const dot = name.lastIndexOf(".");
  if (dot <= 0 || dot === name.length - 1) {
    throw new UsageError(
      `${JSON.stringify(text)} names no table of a catalog: namespace.table is needed, such as sales.orders`,
    );
  }
  return { namespace: name.slice(0, dot), table: name.slice(dot + 1) };
}

/** Catalog and name in one text. */
export function catalogUriOf(catalog: string, warehouse: string | undefined, name: TableName): string {
  const query = warehouse === undefined ? "" : `?warehouse=${encodeURIComponent(warehouse)}`;
  return `${catalog}${query}#${name.namespace}.${name.table}`;
}
