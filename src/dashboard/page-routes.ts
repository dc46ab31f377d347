import { readFile } from "node:fs/promises";
import { json, type Route } from "./http/server.ts";
import { pictureRoutes } from "./picture/routes.ts";
import type { IndexSource } from "./picture/source.ts";
import type { StatusSource } from "./status.ts";

/** The status page and its API: `/api/status`, and the page-index picture where there are captured tables to look at. */
export async function pageRoutes(options: {
  readonly status: StatusSource;
  readonly index: IndexSource | undefined;
}): Promise<Map<string, Route>> {
  return new Map<string, Route>([
    ...(await assetRoutes()),
    ["/api/status", { handle: () => json(options.status.status()) }],
    ...(options.index === undefined ? noTables() : pictureRoutes(options.index)),
  ]);
}

function noTables(): Map<string, Route> {
  return new Map([["/api/tables", { handle: () => json({ tables: [] }) }]]);
}

const ASSETS = [
  { path: "/", file: "index.html", contentType: "text/html; charset=utf-8" },
  { path: "/page.css", file: "page.css", contentType: "text/css; charset=utf-8" },
  { path: "/page.js", file: "page.js", contentType: "text/javascript; charset=utf-8" },
] as const;

/** Read once, when the server starts. The build puts them beside the bundle. */
async function assetRoutes(): Promise<[string, Route][]> {
  const folder = import.meta.url.endsWith(".ts")
    ? new URL("../../dist/status-page/", import.meta.url)
    : new URL("./status-page/", import.meta.url);
  return await Promise.all(
    ASSETS.map(async ({ path, file, contentType }): Promise<[string, Route]> => {
      const body = await readFile(new URL(file, folder));
      return [path, { handle: () => ({ status: 200, contentType, body, cacheable: true }) }];
    }),
  );
}
