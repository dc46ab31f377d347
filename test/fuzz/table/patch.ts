import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { concat } from "../../support/parquet-encodings.ts";

/**
 * A table of the fixtures with one of its files replaced, as one run of bytes: a line of JSON that says which, then the file's
 * content. Fixtures alone, since a stored input must mean the same everywhere.
 */
export interface Patch {
  readonly table: string;
  /** Below the table's folder. */
  readonly file: string;
  readonly content: Uint8Array;
}

export type TableFiles = ReadonlyMap<string, Uint8Array>;

const FIXTURES = join(import.meta.dirname, "../../fixtures/data");

/** Files of every table below a folder of the fixtures that match; by table. */
export function fixtureTables(folder: string, pattern: string): ReadonlyMap<string, TableFiles> {
  const tables = new Map<string, Map<string, Uint8Array>>();
  const found = globSync(`*/${pattern}`, { cwd: join(FIXTURES, folder), withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(join(FIXTURES, folder), join(entry.parentPath, entry.name)));
  for (const path of found.toSorted()) {
    const [table = "", ...rest] = path.split("/");
    const files = tables.get(table) ?? new Map<string, Uint8Array>();
    tables.set(table, files.set(rest.join("/"), new Uint8Array(readFileSync(join(FIXTURES, folder, path)))));
  }
  return tables;
}

export function encodePatch({ table, file, content }: Patch): Uint8Array {
  return concat([Buffer.from(`${JSON.stringify([table, file])}\n`), content]);
}

export function decodePatch(bytes: Uint8Array): Patch | undefined {
  const end = bytes.indexOf(10);
  if (end < 0) return undefined;
  try {
    const names: unknown = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString());
    if (!Array.isArray(names)) return undefined;
    const [table, file]: unknown[] = names;
    if (typeof table !== "string" || typeof file !== "string") return undefined;
    return { table, file, content: bytes.subarray(end + 1) };
  } catch {
    return undefined;
  }
}

/** The patched table below `root`, as the objects of a store; undefined if there is no such table. */
export function patchedTable(
  tables: ReadonlyMap<string, TableFiles>,
  input: Uint8Array,
  root: (table: string) => string,
): { readonly table: string; readonly objects: Record<string, Uint8Array> } | undefined {
  const patch = decodePatch(input);
  const files = patch && tables.get(patch.table);
  if (patch === undefined || files === undefined) return undefined;
  const below = root(patch.table);
  const objects: Record<string, Uint8Array> = {};
  for (const [name, content] of files) objects[`${below}/${name}`] = content;
  objects[`${below}/${patch.file}`] = patch.content;
  return { table: patch.table, objects };
}
