export type { OptionLayer } from "./file-access.ts";
export { type CatalogTable, type CatalogTableRequest, loadCatalogTable } from "./load-table.ts";
