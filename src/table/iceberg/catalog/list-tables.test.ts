import { expect, it } from "vitest";
import { catalogContext } from "../../../../test/support/catalogs/context.ts";
import { json } from "../../../../test/support/catalogs/http-server.ts";
import { startRestCatalog } from "../../../../test/support/catalogs/iceberg-rest.ts";
import { restConnector, TABLE } from "../../../../test/support/catalogs/rest-table.ts";
import { SourceMissingError } from "../../../model/index.ts";
import { listCatalogTables } from "./list-tables.ts";

const { signal } = new AbortController();

const list = (origin: string, namespace: string) => {
  const connector = restConnector(origin, {});
  return listCatalogTables(
    { connector, ownOptions: connector.properties, namespace },
    catalogContext(),
    signal,
  );
};

it("the tables of a namespace, page by page; tokens go back as they came", async () => {
  const names = ["one", "two", "three", "four", "five"];
  const tables = [...names.map((name) => ({ ...TABLE, namespace: ["a", "b"], name })), TABLE];
  await using server = await startRestCatalog({ prefix: "p", tables, pageSize: 2 });
  expect(await list(server.origin, "a.b")).toEqual(names);
  const pages = server.seen.filter(({ path }) => path === "/v1/p/namespaces/a%1Fb/tables");
  expect(pages.map(({ query }) => query.get("pageToken"))).toEqual(["", "page +2", "page +4"]);
});

it("an absent namespace is a missing source; pages that have no end are told", async () => {
  await using server = await startRestCatalog({ tables: [TABLE] });
  await expect(list(server.origin, "gone")).rejects.toThrow(
    new SourceMissingError("Namespace does not exist: gone"),
  );
  await using endless = await startRestCatalog({
    tables: [],
    intercept: ({ path }) =>
      path.endsWith("/tables") ? json({ identifiers: [], "next-page-token": "again" }) : undefined,
  });
  await expect(list(endless.origin, "a")).rejects.toThrow("have no end");
});
