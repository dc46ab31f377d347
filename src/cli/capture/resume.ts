import { VERSION } from "../../config/index.ts";
import { openStore } from "../../storage/index.ts";
import type { TableFile, TableSnapshot } from "../../table/index.ts";
import type { CapturedOutcome, CaptureJournal, FileIdentity } from "./journal.ts";
import type { CaptureOptions } from "./options.ts";
import type { CaptureSource } from "./sources.ts";

/** What a result depends on, beside the files: a journal of other choices is of no use. */
export function choicesOf(uris: readonly string[], options: CaptureOptions) {
  const { format, snapshot, outputs, ndv, columns, wire, crc, testRoot } = options;
  return {
    version: VERSION,
    // The journal holds values in the form of this Node.
    node: process.versions.node,
    uris,
    format,
    snapshot: String(snapshot),
    outputs: [...outputs].sort(),
    ndv,
    columns,
    wire,
    crc,
    testRoot,
  };
}

/** What is kept of one table's files. */
export interface ResumableTable extends Disposable {
  earlier(file: TableFile): Promise<CapturedOutcome | undefined>;
  keep(outcome: CapturedOutcome): Promise<void>;
}

/**
 * Files of Delta and Iceberg tables never change under their name; other Parquet files are known by what their store says of
 * them, asked before they are read, so that a file that is replaced meanwhile is read again.
 */
export function resumableTable(
  journal: CaptureJournal,
  source: CaptureSource,
  snapshot: TableSnapshot,
  signal: AbortSignal,
): ResumableTable {
  const table = `${source.tableId.id} ${snapshot.snapshotId}`;
  const store = openStore(source.store);
  const identities = new Map<string, FileIdentity>();
  const identify = async (file: TableFile): Promise<FileIdentity> => {
    const base = { table, path: file.path };
    if (snapshot.format !== "parquet") return { ...base, identity: String(file.sizeBytes) };
    await using opened = await store.open(file.path, { signal });
    return { ...base, identity: `${opened.size} ${opened.etag ?? ""}` };
  };
  return {
    async earlier(file) {
      const identity = await identify(file);
      identities.set(file.path, identity);
      const outcome = await journal.find(identity);
      // As it was listed now: what the table says of the file isn't kept.
      return outcome && { ...outcome, file };
    },
    async keep(outcome) {
      const identity = identities.get(outcome.file.path);
      identities.delete(outcome.file.path);
      if (identity !== undefined) await journal.keep(identity, outcome);
    },
    [Symbol.dispose]: () => store.close(),
  };
}
