import type { Database } from "./database.ts";
import { fromJsonText, stringList, stringMap, toJsonText } from "./json.ts";

/** A table as the catalog knows it, as far as a file group asks (02 §4.6). */
export interface CatalogTable {
  readonly accountId: string;
  readonly tableId: string;
  /** `""`: no upstream connector. */
  readonly connectorId: string;
  readonly namespaceParts: readonly string[];
  readonly name: string;
  readonly upstreamUri: string;
  readonly properties: Readonly<Record<string, string>>;
}

export type CatalogTables = ReturnType<typeof catalogTables>;

export function catalogTables(db: Database) {
  const putConnector = db.prepare("INSERT OR REPLACE INTO connectors VALUES (?, ?, ?)");
  const connector = db.prepare("SELECT record FROM connectors WHERE account_id = ? AND connector_id = ?");
  const removeConnector = db.prepare("DELETE FROM connectors WHERE account_id = ? AND connector_id = ?");
  const putTable = db.prepare("INSERT OR REPLACE INTO tables VALUES (?, ?, ?, ?, ?, ?, ?)");
  const table = db.prepare("SELECT * FROM tables WHERE account_id = ? AND table_id = ?");
  const byUri = db.prepare(
    "SELECT * FROM tables WHERE account_id = ? AND upstream_uri = ? ORDER BY table_id",
  );
  const tableFrom = (row: ReturnType<typeof table.get>): CatalogTable | undefined =>
    row && {
      accountId: row.text("account_id"),
      tableId: row.text("table_id"),
      connectorId: row.text("connector_id"),
      namespaceParts: fromJsonText(stringList, row.text("namespace_parts")),
      name: row.text("name"),
      upstreamUri: row.text("upstream_uri"),
      properties: fromJsonText(stringMap, row.text("properties")),
    };
  return {
    /** `record` is a serialised `connector.Connector`. */
    putConnector(accountId: string, connectorId: string, record: Uint8Array): void {
      putConnector.run(accountId, connectorId, record);
    },
    connector(accountId: string, connectorId: string): Uint8Array | undefined {
      return connector.get(accountId, connectorId)?.bytes("record");
    },
    removeConnector(accountId: string, connectorId: string): void {
      removeConnector.run(accountId, connectorId);
    },
    putTable(entry: CatalogTable): void {
      putTable.run(
        entry.accountId,
        entry.tableId,
        entry.connectorId,
        toJsonText(entry.namespaceParts),
        entry.name,
        entry.upstreamUri,
        toJsonText(entry.properties),
      );
    },
    table(accountId: string, tableId: string): CatalogTable | undefined {
      return tableFrom(table.get(accountId, tableId));
    },
    tableByUri(accountId: string, upstreamUri: string): CatalogTable | undefined {
      return tableFrom(byUri.get(accountId, upstreamUri));
    },
  };
}
