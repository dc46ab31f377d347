import { fromBinary } from "@bufbuild/protobuf";
import { z } from "zod";
import { TargetStatsRecordSchema } from "../../protocol/inline/gen/floecat/catalog/stats_pb.ts";
import { storageIdOf } from "../records/identity.ts";
import type { BlobFolder, StatsManifest, StoredStatistic } from "../store/index.ts";

const document = z.object({ records: z.array(z.base64()) });

/**
 * FILE records from a document of the blob store (inline, 01 §4.5.1). Rejects with what is wrong; the finalizer makes a retryable
 * failure of it (02 §7).
 */
export async function readManifest(blobs: BlobFolder, manifest: StatsManifest): Promise<StoredStatistic[]> {
  const content = await blobs.read(manifest.uri);
  if (content === undefined) throw new Error(`no blob at ${manifest.uri}`);
  const { records } = document.parse(JSON.parse(Buffer.from(content).toString("utf8")));
  if (records.length !== manifest.recordCount) {
    throw new Error(`${manifest.recordCount} records were announced, ${records.length} found`);
  }
  return records.map((text) => {
    const record = Buffer.from(text, "base64");
    const { target, value } = fromBinary(TargetStatsRecordSchema, record);
    const storageId = storageIdOf(target?.target ?? { case: undefined });
    return { storageId, filePath: value.case === "file" ? value.value.filePath : undefined, record };
  });
}
