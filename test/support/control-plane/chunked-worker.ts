/** A worker of the chunked generation that has leased job-1, and what it may submit (02 §5.3, §5.4). */
import type { Quirks } from "../../../src/control-plane/index.ts";
import { storageIdOf } from "../../../src/control-plane/records/identity.ts";
import {
  ACCOUNT,
  F1,
  fileRecord,
  fileResult,
  type Harness,
  leaseOf,
  type Seed,
  seed,
  start,
} from "./harness.ts";
import type { Answer, Fields } from "./independent-client.ts";

export const KEY = { accountId: ACCOUNT, tableId: "table-1", snapshotId: 55n };
export const RECORD = "ai.floedb.floecat.catalog.TargetStatsRecord";

export interface ChunkedWorker {
  readonly harness: Harness;
  readonly epoch: string;
  chunk(index: number, fields: Fields, resultId?: string): Promise<Answer>;
  success(fields: Fields, resultId?: string): Promise<Answer>;
  failure(message: string, resultId?: string): Promise<Answer>;
  /** Stored FILE record of a path. */
  stored(path: string, publication?: string): Fields | undefined;
}

export async function chunkedWorker(
  options: Seed = {},
  quirks: Partial<Quirks> = {},
): Promise<ChunkedWorker> {
  const harness = await start("chunked", { quirks });
  seed(harness, options);
  const epoch = await harness.leaseGroup();
  const submit = (outcome: Fields) =>
    harness.call("SubmitLeasedFileGroupExecutionResult", { ...leaseOf(epoch), ...outcome });
  return {
    harness,
    epoch,
    chunk: (index, fields, result_id = "r1") =>
      submit({ chunk: { result_id, chunk_index: index, ...fields } }),
    success: (fields, result_id = "r1") =>
      submit({ success: { result_id, file_results: [fileResult()], ...fields } }),
    failure: (message, result_id = "r1") => submit({ failure: { result_id, message } }),
    stored(path, publication = "") {
      const storageId = storageIdOf({ case: "file", value: { filePath: path } });
      const bytes = harness.context.store.statistics.get(KEY, publication, storageId);
      return bytes && harness.client.decode(RECORD, bytes);
    },
  };
}

export function rowCount(record: Fields | undefined): unknown {
  const file = record?.file;
  return typeof file === "object" && file !== null ? Reflect.get(file, "row_count") : undefined;
}

export function withRows(rows: number, path = F1): Fields {
  const record = fileRecord(path);
  return { ...record, file: { ...fileOf(record), row_count: String(rows) } };
}

export function fileOf(record: Fields): object {
  return typeof record.file === "object" && record.file !== null ? record.file : {};
}
