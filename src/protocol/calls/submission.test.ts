/** Submissions as a server sees them: what is recorded is read back with the generation's own request message. */
import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import type { Generation, IndexArtifact, StatsRecord } from "../../model/index.ts";
import * as chunked from "../chunked/gen/floecat/reconciler/reconciler_pb.ts";
import * as inline from "../inline/gen/floecat/reconciler/reconciler_pb.ts";
import type { GroupResult } from "../port.ts";
import { adapter, answer, lease, options, tableId } from "../testing/connected.ts";

const accepted = answer(chunked.SubmitLeasedFileGroupExecutionResultResponseSchema, { accepted: true });

function fileRecord(filePath: string): StatsRecord {
  return {
    tableId,
    snapshotId: 55n,
    target: { kind: "file", filePath },
    metadata: undefined,
    value: {
      kind: "file",
      file: {
        filePath,
        fileFormat: "",
        rowCount: 3n,
        sizeBytes: 0n,
        columns: [],
        fileContent: 0,
        partitionDataJson: "",
        partitionSpecId: 0,
        equalityFieldIds: [],
        sequenceNumber: undefined,
      },
    },
  };
}

const artifact: IndexArtifact = {
  record: {
    tableId,
    snapshotId: 55n,
    filePath: "f",
    artifactUri: "s3://bucket/file.parquet.idx",
    contentSha256B64: "AAAA",
    createdAtMs: 0,
    coverage: {
      rowsIndexed: undefined,
      liveRowsIndexed: undefined,
      pagesIndexed: undefined,
      rowGroupsIndexed: undefined,
      bytesScanned: undefined,
    },
    sourceFileFormat: "parquet",
    properties: {},
  },
  content: Uint8Array.of(1, 2, 3),
};

const result: GroupResult = {
  resultId: " result-1 ",
  statsRecords: [fileRecord("f")],
  artifacts: [artifact],
  fileResults: [
    { filePath: "f", statsProcessed: 1n, artifactUri: artifact.record.artifactUri },
    { filePath: "g", statsProcessed: 0n, artifactUri: undefined },
  ],
};

/** Submits everything, and reads what arrived with the generation's own request message. */
async function submitted<Desc extends DescMessage>(generation: Generation, schema: Desc, group: GroupResult) {
  const { server, controlPlane } = await adapter(generation, {
    SubmitLeasedFileGroupExecutionResult: accepted,
  });
  const prepared = await controlPlane.prepareSubmission(lease, group, options);
  for (const message of prepared.messages) expect(await message.send(options)).toBe(true);
  expect(server.requests.map(({ message }) => message.length)).toEqual(
    prepared.messages.map(({ byteLength }) => byteLength),
  );
  return server.requests.map(({ message }) => {
    const read = fromBinary(schema, message);
    // Canonical: fields ascending, nothing unknown, nothing left out.
    expect(Buffer.from(toBinary(schema, read)).equals(message)).toBe(true);
    return read;
  });
}

test("03 §10.2, M11: inline sends records and sidecars in one message", async () => {
  const [request] = await submitted(
    "inline",
    inline.SubmitLeasedFileGroupExecutionResultRequestSchema,
    result,
  );
  expect(request).toMatchObject({
    jobId: "job-1",
    leaseEpoch: "lease-1",
    outcome: {
      case: "success",
      value: {
        resultId: "result-1",
        statsRecords: [{ snapshotId: 55n }],
        indexArtifacts: [
          {
            record: { artifactUri: "s3://bucket/file.parquet.idx" },
            content: Uint8Array.of(1, 2, 3),
            contentType: "application/x-parquet",
            uploadedArtifactUri: "",
          },
        ],
        fileStatsBlobUri: "",
        fileStatsRecordCount: 0,
      },
    },
  });
});

test("03 §10.3, §10.4, M11, M13: chunked sends chunk 0, then a success that counts it", async () => {
  const requests = await submitted(
    "chunked",
    chunked.SubmitLeasedFileGroupExecutionResultRequestSchema,
    result,
  );
  expect(requests).toMatchObject([
    {
      outcome: {
        case: "chunk",
        value: {
          resultId: "result-1",
          chunkIndex: 0,
          statsRecords: [{ snapshotId: 55n }],
          indexArtifacts: [{ content: Uint8Array.of(1, 2, 3), contentType: "application/x-parquet" }],
        },
      },
    },
    {
      outcome: {
        case: "success",
        value: {
          resultId: "result-1",
          chunkCount: 1,
          fileResults: [
            {
              filePath: "f",
              state: 1,
              statsProcessed: 1n,
              indexArtifact: {
                artifactUri: "s3://bucket/file.parquet.idx",
                artifactFormat: "parquet",
                artifactFormatVersion: 1,
              },
            },
            { filePath: "g", state: 1, statsProcessed: 0n, indexArtifact: { artifactUri: "" } },
          ],
        },
      },
    },
  ]);
});

test("01 C9, 03 M19: without items chunked sends the success alone", async () => {
  const empty = { ...result, statsRecords: [], artifacts: [] };
  const requests = await submitted(
    "chunked",
    chunked.SubmitLeasedFileGroupExecutionResultRequestSchema,
    empty,
  );
  expect(requests).toMatchObject([{ outcome: { case: "success", value: { chunkCount: 0 } } }]);
});

test("01 C10, 03 M14: 12 records of 32,872 bytes go in 4 chunks of 3", async () => {
  const records = Array.from({ length: 12 }, () => fileRecord(`s3://bucket/${"x".repeat(16_384)}.parquet`));
  const requests = await submitted("chunked", chunked.SubmitLeasedFileGroupExecutionResultRequestSchema, {
    ...result,
    statsRecords: records,
    artifacts: [],
  });
  const chunks = requests.flatMap(({ outcome }) => (outcome.case === "chunk" ? [outcome.value] : []));
  expect(chunks.map(({ chunkIndex }) => chunkIndex)).toEqual([0, 1, 2, 3]);
  expect(chunks.map(({ statsRecords }) => statsRecords.length)).toEqual([3, 3, 3, 3]);
  expect(requests.at(-1)).toMatchObject({ outcome: { case: "success", value: { chunkCount: 4 } } });
});

test("03 T12: a message can be sent again, with the same bytes", async () => {
  const answers = [{ status: 14 }];
  const { server, controlPlane } = await adapter("inline", {
    SubmitLeasedFileGroupExecutionResult: (request) => answers.shift() ?? accepted(request),
  });
  const { messages } = await controlPlane.prepareSubmission(lease, result, options);
  const [message] = messages;
  await expect(message?.send(options)).rejects.toMatchObject({ kind: "transport" });
  expect(await message?.send(options)).toBe(true);
  expect(server.requests[1]?.message).toEqual(server.requests[0]?.message);
});

test("01 G11, decision 18: an inline success above the limit is refused before it is sent", async () => {
  const { server, controlPlane } = await adapter("inline", {
    SubmitLeasedFileGroupExecutionResult: accepted,
  });
  const withContent = (length: number): GroupResult => ({
    ...result,
    artifacts: [{ ...artifact, content: new Uint8Array(length) }],
  });
  const sizeOf = async (length: number) =>
    (await controlPlane.prepareSubmission(lease, withContent(length), options)).messages[0]?.byteLength ?? 0;
  const rest = (await sizeOf(200_000)) - 200_000;
  const { messages } = await controlPlane.prepareSubmission(lease, withContent(262_144 - rest), options);
  expect(messages[0]?.byteLength).toBe(262_144);
  await expect(
    controlPlane.prepareSubmission(lease, withContent(262_145 - rest), options),
  ).rejects.toMatchObject({
    kind: "too-large",
    message: expect.stringMatching(/262145 bytes.*262144.*max-inbound-message-size/),
  });
  expect(server.requests).toHaveLength(0);
});

test("a preparation that is aborted ends with the signal's reason", async () => {
  const { controlPlane } = await adapter("chunked", {});
  const reason = new Error("cancelled");
  await expect(
    controlPlane.prepareSubmission(lease, result, { signal: AbortSignal.abort(reason) }),
  ).rejects.toBe(reason);
});

test.each([
  ["inline", "220e0a0272311208" + "626f6f6d20626f6f"],
  ["chunked", "2a0e0a0272311208" + "626f6f6d20626f6f"],
] as const)("03 §10.6, 01 E10: a failure, %s", async (generation, outcome) => {
  const { server, controlPlane } = await adapter(generation, {
    SubmitLeasedFileGroupExecutionResult: accepted,
  });
  await controlPlane.submitFailure(lease, { resultId: "r1", message: "boom boo" }, options);
  const sent = Buffer.from(server.requests[0]!.message).toString("hex");
  expect(sent).toBe(`0a056a6f622d3112076c656173652d31${outcome}`);
});
