/** 08 §7.1, decision 18: results that one message can't take. */
import { fromBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { aFileRecord, anArtifact } from "../../../test/support/file-groups.ts";
import type { GroupResult } from "../port.ts";
import type { ResultBlobs } from "../result-blobs.ts";
import { adapter, answer, lease, options } from "../testing/connected.ts";
import {
  SubmitLeasedFileGroupExecutionResultRequestSchema as RequestSchema,
  SubmitLeasedFileGroupExecutionResultResponseSchema as ResponseSchema,
} from "./gen/floecat/reconciler/reconciler_pb.ts";
import { inlineRecordCodec } from "./records.ts";

const PATHS = Array.from({ length: 20 }, (_, index) => `s3://b/t/${index}.parquet`);
const result: GroupResult = {
  resultId: "job-1:plan-1:group-1:lease-1:success",
  statsRecords: PATHS.map((path) => aFileRecord(path)),
  artifacts: PATHS.map((path) => ({ ...anArtifact(path), content: new Uint8Array(500).fill(7) })),
  fileResults: [],
};

interface Blob {
  readonly content: Uint8Array;
  readonly contentType: string;
}

/** Refuses what `refuses` says. */
function memoryBlobs(refuses: (key: string) => boolean = () => false) {
  const stored = new Map<string, Blob>();
  const fallbacks: string[] = [];
  const blobs: ResultBlobs = {
    async put(key, content, { contentType }) {
      if (refuses(key)) throw new Error(`no room for ${key}`);
      stored.set(key, { content, contentType });
    },
    onFallback: (message) => fallbacks.push(message),
  };
  return { blobs, stored, fallbacks };
}

/** The limit of a server for which the whole result is one byte too long. */
async function limitBelowWhole(): Promise<number> {
  const { controlPlane } = await adapter("inline", {});
  const { messages } = await controlPlane.prepareSubmission(lease, result, options);
  return messages[0]!.byteLength - 1;
}

async function submitted(blobs: ResultBlobs | undefined, maxRequestBytes: number) {
  const { server, controlPlane } = await adapter(
    "inline",
    { SubmitLeasedFileGroupExecutionResult: answer(ResponseSchema, { accepted: true }) },
    { blobs, maxRequestBytes },
  );
  const prepared = await controlPlane.prepareSubmission(lease, result, options);
  for (const message of prepared.messages) await message.send(options);
  const [request] = server.requests;
  if (request === undefined) throw new Error("nothing was sent");
  expect(request.message.length).toBeLessThanOrEqual(maxRequestBytes);
  const { outcome } = fromBinary(RequestSchema, request.message);
  if (outcome.case !== "success") throw new Error("no success");
  return outcome.value;
}

test("decision 18: a result that fits is sent in the message, whether or not there is a blob store", async () => {
  const { blobs, stored } = memoryBlobs();
  const success = await submitted(blobs, 262_144);
  expect(stored.size).toBe(0);
  expect(success.statsRecords).toHaveLength(20);
  expect(success.indexArtifacts.map(({ content }) => content.length)).toEqual(PATHS.map(() => 500));
});

test("01 C11, C12, 03 M12, 08 §7.1: one that doesn't fit is written to the blob store, and the message names what was written", async () => {
  const { blobs, stored, fallbacks } = memoryBlobs();
  const success = await submitted(blobs, 12_000);
  expect(fallbacks).toEqual([]);
  expect(success.statsRecords).toEqual([]);
  expect(success.fileStatsRecordCount).toBe(20);
  expect(success.fileStatsBlobUri).toMatch(
    /^\/accounts\/acct-1\/reconcile\/jobs\/job-1\/file-group-stats\/job-1:plan-1:group-1:lease-1:success\/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.json$/,
  );
  const document = stored.get(success.fileStatsBlobUri);
  expect(document?.contentType).toBe("application/json; charset=UTF-8");
  expect(JSON.parse(Buffer.from(document!.content).toString())).toEqual({
    records: result.statsRecords.map((record) =>
      Buffer.from(inlineRecordCodec.statsToBytes(record)).toString("base64"),
    ),
  });
  for (const [
    index,
    { record, content, contentType, uploadedArtifactUri },
  ] of success.indexArtifacts.entries()) {
    expect(uploadedArtifactUri).toBe(result.artifacts[index]!.record.artifactUri);
    expect(record?.artifactUri).toBe(uploadedArtifactUri);
    expect(content).toHaveLength(0);
    expect(contentType).toBe("application/x-parquet");
    expect(stored.get(uploadedArtifactUri)).toMatchObject({ contentType: "application/x-parquet" });
    expect(stored.get(uploadedArtifactUri)?.content).toHaveLength(500);
  }
  expect(stored.size).toBe(21);
});

test("08 §7.1, 02 §6: the same result has the same names, so that it is the same success", async () => {
  const first = await submitted(memoryBlobs().blobs, 12_000);
  expect((await submitted(memoryBlobs().blobs, 12_000)).fileStatsBlobUri).toBe(first.fileStatsBlobUri);
});

test("08 B1: records that can't be written are sent in the message", async () => {
  const { blobs, fallbacks } = memoryBlobs((key) => key.endsWith(".json"));
  const success = await submitted(blobs, 13_000);
  expect(success.statsRecords).toHaveLength(20);
  expect(success.fileStatsBlobUri).toBe("");
  expect(success.fileStatsRecordCount).toBe(0);
  expect(success.indexArtifacts.every(({ uploadedArtifactUri }) => uploadedArtifactUri !== "")).toBe(true);
  expect(fallbacks).toEqual([
    "Direct worker file-stats upload failed for job job-1; falling back to inline service submit",
  ]);
});

test("08 B1: one sidecar that can't be written sends all of them in the message", async () => {
  const { blobs, fallbacks } = memoryBlobs((key) => key === result.artifacts[3]!.record.artifactUri);
  const success = await submitted(blobs, await limitBelowWhole());
  expect(success.fileStatsRecordCount).toBe(20);
  expect(success.indexArtifacts.map(({ content }) => content.length)).toEqual(PATHS.map(() => 500));
  expect(fallbacks).toEqual([
    "Direct worker artifact upload failed for job job-1; falling back to inline service upload",
  ]);
});

test("08 B1: what can neither be written nor sent is an ordinary failure that says both", async () => {
  const { blobs } = memoryBlobs(() => true);
  await expect(submitted(blobs, 12_000)).rejects.toThrow(
    /too large for one message \(\d+ bytes\) and could not be uploaded: no room for/,
  );
});

test("decision 18: without a blob store the error says what to set", async () => {
  const error = await submitted(undefined, 12_000).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ kind: "too-large" });
  expect(String(error)).toMatch(/FLOECAT_BLOB_S3_BUCKET.*max-inbound-message-size/);
});
