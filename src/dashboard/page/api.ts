import type { ColumnPicture, ColumnSummary } from "../picture/column-picture.ts";
import type { PruningPower, Share } from "../picture/pruning-power.ts";
import type { IndexedTable } from "../picture/source.ts";
import type { Status } from "../status.ts";

export interface FileView {
  readonly path: string;
  readonly columns: readonly ColumnSummary[];
  /** Absent without a filter. */
  readonly rows?: Share;
  readonly undecided: readonly string[];
}

export interface TableView {
  readonly fileCount: number;
  readonly files: readonly { readonly file: number; readonly path: string }[];
}

/** What the server refused, in its words. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}

export const api = {
  status: (): Promise<Status> => get("/api/status", {}),
  tables: async (): Promise<readonly IndexedTable[]> => {
    const answer: { tables: readonly IndexedTable[] } = await get("/api/tables", {});
    return answer.tables;
  },
  table: (table: string, from: number): Promise<TableView> => get("/api/table", { table, from }),
  filter: (table: string, filter: string): Promise<PruningPower> =>
    get("/api/table/filter", { table, filter }),
  file: (table: string, file: number, filter: string): Promise<FileView> =>
    get("/api/file", { table, file, filter }),
  column: (table: string, file: number, column: string, filter: string): Promise<ColumnPicture> =>
    get("/api/column", { table, file, column, filter }),
};

async function get<T>(path: string, query: Readonly<Record<string, string | number>>): Promise<T> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== "") parameters.set(name, String(value));
  const response = await fetch(parameters.size === 0 ? path : `${path}?${parameters}`, {
    signal: AbortSignal.timeout(60_000),
  });
  if (response.ok) return await response.json();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  const said: { error?: string } = isJson ? await response.json() : {};
  throw new RefusedError(said.error ?? `the server answered ${response.status}`);
}
