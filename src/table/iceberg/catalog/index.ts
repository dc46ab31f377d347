export type { OptionLayer } from "./file-access.ts";
export { listCatalogTables } from "./list-tables.ts";
export { type CatalogTable, type CatalogTableRequest, loadCatalogTable } from "./load-table.ts";
