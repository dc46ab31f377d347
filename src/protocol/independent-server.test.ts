/** The adapters against @grpc/grpc-js with our .proto files loaded at run time: another stack on the other end. */
import { type handleUnaryCall, Metadata, Server, ServerCredentials } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterEach, describe, expect, test } from "vitest";
import type { Generation } from "../model/index.ts";
import { connectControlPlane } from "./connect.ts";
import type { ControlPlane } from "./port.ts";
import { lease, options } from "./testing/connected.ts";

type Handler = handleUnaryCall<Record<string, unknown>, Record<string, unknown>>;

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
});

/** A server of the generation with handlers by method name, and an adapter connected to it. */
async function connected(
  generation: Generation,
  handlers: Readonly<Record<string, Handler>>,
): Promise<ControlPlane> {
  const definitions = loadSync("floecat/reconciler/reconciler.proto", {
    includeDirs: [`proto/${generation}`],
    keepCase: true,
    longs: String,
    enums: String,
    oneofs: true,
    defaults: true,
  });
  const service = definitions["ai.floedb.floecat.reconciler.ReconcileExecutorControl"];
  if (service === undefined || !("LeaseReconcileJob" in service)) throw new Error("service not loaded");
  const server = new Server();
  server.addService(service, { ...handlers });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  cleanUps.push(() => server.forceShutdown());
  const connection = await connectControlPlane({ url: `http://127.0.0.1:${port}`, generation }, options);
  cleanUps.push(() => connection.close());
  return connection.controlPlane;
}

describe.each(["inline", "chunked"] as const)("%s", (generation) => {
  test("a lease, its payload and its result", async () => {
    const submitted: Record<string, unknown>[] = [];
    const controlPlane = await connected(generation, {
      LeaseReconcileJob: (_call, answer) =>
        answer(null, {
          found: true,
          job: {
            job_id: "job-1",
            lease_epoch: "lease-1",
            connector_id: { account_id: "acct-1", id: "connector-1", kind: "RK_CONNECTOR" },
            kind: "RJK_EXEC_FILE_GROUP",
          },
        }),
      GetLeasedFileGroupExecution: (call, answer) =>
        answer(null, {
          execution: {
            job_id: call.request.job_id,
            snapshot_id: "7465432123456789012",
            file_paths: ["s3://bucket/f.parquet"],
            capture_policy: { outputs: ["CO_FILE_STATS", "CO_PARQUET_PAGE_INDEX"] },
          },
        }),
      SubmitLeasedFileGroupExecutionResult: (call, answer) => {
        submitted.push(call.request);
        answer(null, { accepted: true });
      },
    });
    const job = await controlPlane.lease({ instanceId: "w1", executorIds: ["w1"] }, options);
    expect(job).toMatchObject({ ...lease, kind: "exec-file-group" });
    expect(await controlPlane.getFileGroup(job!, options)).toMatchObject({
      snapshotId: 7465432123456789012n,
      filePaths: ["s3://bucket/f.parquet"],
      policy: { outputs: new Set(["file", "page-index"]) },
    });
    const fileResults = [{ filePath: "f", statsProcessed: 0n, artifactUri: undefined }];
    const result = { resultId: "r", statsRecords: [], artifacts: [], fileResults };
    const { messages } = await controlPlane.prepareSubmission(job!, result, options);
    for (const message of messages) expect(await message.send(options)).toBe(true);
    expect(submitted).toMatchObject([{ job_id: "job-1", outcome: "success", success: { result_id: "r" } }]);
  });

  test("02 §1.4: both values of the status details arrive", async () => {
    const controlPlane = await connected(generation, {
      RenewReconcileLease: (_call, answer) => {
        const metadata = new Metadata();
        // A bare Status {code 9}, then the localised copy.
        metadata.add("grpc-status-details-bin", Buffer.from("0809", "hex"));
        metadata.add("grpc-status-details-bin", LOCALISED);
        answer({ code: 9, details: "Precondition failed.", metadata });
      },
    });
    await expect(controlPlane.renew(lease, options)).rejects.toMatchObject({
      kind: "lease-lost",
      status: { code: "FAILED_PRECONDITION", errorCode: "MC_PRECONDITION_FAILED" },
    });
  });
});

/** 01 D6. */
const LOCALISED = Buffer.from(
  "CAkSFFByZWNvbmRpdGlvbiBmYWlsZWQuGn0KMnR5cGUuZ29vZ2xlYXBpcy5jb20vYWkuZmxvZWRiLmZsb2VjYXQuY29tbW9uLkVycm9yEkcI" +
    "AxIUUHJlY29uZGl0aW9uIGZhaWxlZC4aLQoGcmVhc29uEiNSRUNPTkNJTEVfTEVBU0VfUFJFQ09ORElUSU9OX0ZBSUxFRA==",
  "base64",
);
