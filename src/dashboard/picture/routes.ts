/**
 * The JSON API of the page-index picture:
 *
 *   /api/tables                                          captured tables
 *   /api/table?table=<key>&from=<n>                      a page of its files
 *   /api/table/filter?table=<key>&filter=<sql>           what a filter leaves of the table
 *   /api/file?table=<key>&file=<n>&filter=<sql>          columns of one file, how well each is clustered, what is left
 *   /api/column?table=<key>&file=<n>&column=<name>&filter=<sql>   the bands of one column
 *
 * A filter that can't be read answers 400 with the character at which it stops being one.
 */
import {
  type Predicate,
  PredicateError,
  type PrunedFile,
  parsePredicate,
  prunePages,
} from "../../pruning/index.ts";
import { type HttpAnswer, type HttpRequest, json, type Route } from "../http/server.ts";
import { columnPicture, columnSummaries } from "./column-picture.ts";
import { pruningPower } from "./pruning-power.ts";
import type { FileIndex, IndexedFile, IndexSource } from "./source.ts";

const FILES_A_PAGE = 200;

export function pictureRoutes(source: IndexSource): Map<string, Route> {
  const files = recentFiles(source);
  const route = (handle: (request: HttpRequest) => Promise<HttpAnswer>): Route => ({
    handle: async (request) => {
      try {
        return await handle(request);
      } catch (error) {
        if (error instanceof PredicateError) return json({ error: error.message, at: error.at }, 400);
        if (error instanceof NotThereError) return json({ error: error.message }, 404);
        throw error;
      }
    },
  });
  return new Map<string, Route>([
    ["/api/tables", route(async ({ signal }) => json({ tables: await source.tables(signal) }))],
    [
      "/api/table",
      route(async ({ query, signal }) => {
        const all = await filesOf(source, query, signal);
        const from = naturalNumber(query.get("from"));
        const shown = all.slice(from, from + FILES_A_PAGE).map(({ path }, i) => ({ file: from + i, path }));
        return json({ fileCount: all.length, files: shown });
      }),
    ],
    [
      "/api/table/filter",
      route(async ({ query, signal }) => {
        const predicate = parsePredicate(query.get("filter") ?? "");
        return json(await pruningPower(await filesOf(source, query, signal), predicate, signal));
      }),
    ],
    [
      "/api/file",
      route(async ({ query, signal }) => {
        const { path, index } = await files.load(query, signal);
        const pruned = prunedBy(filterOf(query), index);
        return json({
          path,
          columns: columnSummaries(index, pruned?.kept),
          rows: pruned && { all: pruned.rowCount, kept: pruned.keptRowCount },
          undecided: pruned?.undecided ?? [],
        });
      }),
    ],
    [
      "/api/column",
      route(async ({ query, signal }) => {
        const { path, index } = await files.load(query, signal);
        const name = query.get("column") ?? "";
        const picture = columnPicture(path, name, index, prunedBy(filterOf(query), index)?.kept);
        if (picture === undefined)
          throw new NotThereError("the file has no pages of that column in its index");
        return json(picture);
      }),
    ],
  ]);
}

class NotThereError extends Error {
  override readonly name = "NotThereError";
}

async function filesOf(
  source: IndexSource,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<readonly IndexedFile[]> {
  const files = await source.files(query.get("table") ?? "", signal);
  if (files === undefined) throw new NotThereError("there is no such table");
  return files;
}

function filterOf(query: URLSearchParams): Predicate | undefined {
  const text = query.get("filter") ?? "";
  return text.trim() === "" ? undefined : parsePredicate(text);
}

function prunedBy(predicate: Predicate | undefined, index: FileIndex): PrunedFile | undefined {
  return predicate && prunePages(index.rows, predicate, index.views);
}

function naturalNumber(text: string | null): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

const KEPT_FILES = 8;

/** The file that is being looked at is asked for column by column: the last few stay. */
function recentFiles(source: IndexSource) {
  const kept = new Map<string, { readonly path: string; readonly index: FileIndex }>();
  return {
    async load(query: URLSearchParams, signal: AbortSignal) {
      const number = naturalNumber(query.get("file"));
      const file = (await filesOf(source, query, signal))[number];
      if (file === undefined) throw new NotThereError("the table has no such file");
      const key = `${query.get("table")}\u0000${file.path}\u0000${file.version}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const loaded = { path: file.path, index: await file.load(signal) };
      kept.set(key, loaded);
      const [oldest] = kept.keys();
      if (kept.size > KEPT_FILES && oldest !== undefined) kept.delete(oldest);
      return loaded;
    },
  };
}
