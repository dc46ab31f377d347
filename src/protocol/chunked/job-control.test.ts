import { fromBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { connectJobControl } from "../connect.ts";
import { answer, options, serve } from "../testing/connected.ts";
import type { RawHandler } from "../testing/raw-grpc-server.ts";
import {
  CancelReconcileJobResponseSchema,
  GetReconcileJobResponseSchema,
  GetReconcileJobTreeResponseSchema,
  ListReconcileJobsRequestSchema,
  ListReconcileJobsResponseSchema,
} from "./gen/floecat/reconciler/reconciler_pb.ts";

const SERVICE = "/ai.floedb.floecat.reconciler.ReconcileControl";

async function jobsOf(handlers: Readonly<Record<string, RawHandler>>) {
  const server = await serve(
    Object.fromEntries(
      Object.entries(handlers).map(([method, handler]) => [`${SERVICE}/${method}`, handler]),
    ),
  );
  return { server, ...(await connectJobControl({ url: server.url })) };
}

const epoch = { seconds: 0n, nanos: 0 };

test("01 §4.6: a job, its times absent while they are the epoch", async () => {
  const { jobs, close } = await jobsOf({
    GetReconcileJob: answer(GetReconcileJobResponseSchema, {
      jobId: "job-1",
      kind: 5,
      state: 7,
      startedAt: { seconds: 5n, nanos: 0 },
      finishedAt: epoch,
      tableTask: { mode: "STRICT" },
      snapshotTask: { sourceNamespace: "ns", sourceTable: "t" },
      filesTotal: 3n,
      fileGroupTask: { fileResults: [{ filePath: "f", state: 2, message: "boom", indexArtifact: {} }] },
    }),
  });
  expect(await jobs.get("job-1", options)).toMatchObject({
    jobId: "job-1",
    kind: "exec_file_group",
    state: "waiting",
    startedAtMs: 5000,
    finishedAtMs: undefined,
    sourceTable: "ns.t",
    files: { total: 3n, completed: 0n, failed: 0n },
    fileResults: [{ filePath: "f", state: "failed", message: "boom", artifactUri: "" }],
  });
  close();
});

test("01 §4.6: a page of jobs by state; no token on the last one", async () => {
  const { jobs, server, close } = await jobsOf({
    ListReconcileJobs: answer(ListReconcileJobsResponseSchema, {
      jobs: [{ jobId: "a" }],
      page: { nextPageToken: "next" },
    }),
    GetReconcileJobTree: answer(GetReconcileJobTreeResponseSchema, {
      jobs: [{ jobId: "a" }, { jobId: "b" }],
    }),
  });
  const page = await jobs.list({ states: ["waiting", "queued"], rootsOnly: true, pageSize: 5 }, options);
  expect(page).toMatchObject({ jobs: [{ jobId: "a", state: "unspecified" }], nextPageToken: "next" });
  expect(fromBinary(ListReconcileJobsRequestSchema, server.requests[0]!.message)).toMatchObject({
    states: [7, 1],
    rootsOnly: true,
    page: { pageSize: 5 },
  });
  expect((await jobs.tree("a", options)).map(({ jobId }) => jobId)).toEqual(["a", "b"]);
  close();
});

test("02 §8: cancel; a job that isn't there is refused", async () => {
  const { jobs, close } = await jobsOf({
    CancelReconcileJob: answer(CancelReconcileJobResponseSchema, { cancelled: true }),
    GetReconcileJob: () => ({ status: 5, statusMessage: "Resource not found." }),
  });
  expect(await jobs.cancel("job-1", "enough", options)).toBe(true);
  await expect(jobs.get("gone", options)).rejects.toMatchObject({
    kind: "refused",
    call: "getReconcileJob",
    status: { code: "NOT_FOUND" },
  });
  close();
});
