import { fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { FILE_CONTENT } from "../../model/index.ts";
import { IndexArtifactRecordSchema } from "../../protocol/chunked/gen/floecat/catalog/index_pb.ts";
import { TargetStatsRecordSchema } from "../../protocol/chunked/gen/floecat/catalog/stats_pb.ts";
import type { ReadTableResultRequest, TableResultItemSchema } from "../gen/admin_pb.ts";
import { GrpcStatusError } from "../grpc/index.ts";
import type { ServiceContext } from "../service.ts";
import type { StoredStatistic } from "../store/index.ts";

type Item = MessageInitShape<typeof TableResultItemSchema>;

/** Records and sidecars of a finished table: FILE in plan order, TABLE, COLUMN by id; then the artifacts of its files. */
export async function* readTableResult(
  context: ServiceContext,
  request: ReadTableResultRequest,
): AsyncGenerator<Item, void, undefined> {
  const { store } = context;
  const root = store.jobs.get(request.jobId);
  if (root === undefined) throw new GrpcStatusError("NOT_FOUND", `no job ${request.jobId}`);
  const parent = store.jobs.children(root.jobId).find((child) => child.kind === "plan-snapshot");
  if (root.state !== "succeeded" || parent?.snapshot === undefined) {
    throw new GrpcStatusError(
      "FAILED_PRECONDITION",
      `job ${root.jobId} is ${root.state}${root.message === "" ? "" : `: ${root.message}`}`,
    );
  }
  const key = { accountId: parent.accountId, ...parent.snapshot };
  const paths = store.results.plan(parent.jobId).flatMap((group) => group.filePaths);
  const order = new Map(paths.map((path, index) => [path, index]));
  const statistics = inOrder(store.statistics.all(key, store.statistics.activePublication(key)), order);
  const artifacts = store.statistics
    .artifacts(key)
    .filter(({ filePath }) => order.has(filePath))
    .sort((a, b) => (order.get(a.filePath) ?? 0) - (order.get(b.filePath) ?? 0));
  yield {
    item: {
      case: "header",
      value: {
        generation: context.generation,
        tableUri: store.catalog.table(key.accountId, key.tableId)?.upstreamUri ?? "",
        snapshotId: key.snapshotId,
        statsRecordCount: BigInt(statistics.length),
        indexArtifactCount: BigInt(artifacts.length),
        accountId: key.accountId,
        tableId: key.tableId,
      },
    },
  };
  for (const { record } of statistics) yield { item: { case: "statsRecord", value: record } };
  for (const { record } of artifacts) {
    const { artifactUri } = fromBinary(IndexArtifactRecordSchema, record);
    const content = request.includeSidecars ? await store.blobs.read(artifactUri) : undefined;
    yield { item: { case: "indexArtifact", value: { record, content: content ?? new Uint8Array() } } };
  }
}

/**
 * Storage ids of columns sort by id. Records of data files that another capture of the snapshot left stay out; those of delete
 * files, which no plan names (05 §10), follow the data files.
 */
function inOrder(
  statistics: readonly StoredStatistic[],
  order: ReadonlyMap<string, number>,
): StoredStatistic[] {
  const ofFiles = statistics.filter(({ filePath }) => filePath !== undefined);
  const planned = ofFiles
    .filter(({ filePath = "" }) => order.has(filePath))
    .sort((a, b) => (order.get(a.filePath ?? "") ?? 0) - (order.get(b.filePath ?? "") ?? 0));
  const deletes = ofFiles.filter(({ filePath = "", record }) => !order.has(filePath) && isOfDeletes(record));
  const rolledUp = statistics
    .filter(({ filePath }) => filePath === undefined)
    .sort((a, b) => rank(a.storageId) - rank(b.storageId) || (a.storageId < b.storageId ? -1 : 1));
  return [...planned, ...deletes, ...rolledUp];
}

/** The fields read here have the same numbers in both generations (01 §5.1). */
function isOfDeletes(record: Uint8Array): boolean {
  const { value } = fromBinary(TargetStatsRecordSchema, record);
  return (
    value.case === "file" &&
    (value.value.fileContent === FILE_CONTENT.positionDeletes ||
      value.value.fileContent === FILE_CONTENT.equalityDeletes)
  );
}

function rank(storageId: string): number {
  return storageId === "table" ? 0 : 1;
}
