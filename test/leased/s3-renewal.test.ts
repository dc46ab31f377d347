import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { LOCAL_ACCOUNT, localTableId } from "../../src/cli/capture/sources.ts";
import { GrpcStatusError, type Interception, type Interceptor } from "../../src/control-plane/grpc/index.ts";
import {
  ConnectorKind,
  ConnectorSchema,
  ConnectorState,
} from "../../src/protocol/chunked/gen/floecat/connector/connector_pb.ts";
import { workFolder } from "../support/run-cli.ts";
import { DELTA_TABLE, ICEBERG_TABLE, startS3Lake } from "../support/s3-lake.ts";
import { enqueue, GENERATIONS, groupJobs, LEASED, startWorker, watchTable } from "./loop.ts";
import { expectAsCaptured, startPlane } from "./s3-loop.ts";

/** Vended keys that end while a group is captured (08 §3.6, §6). */

/** Vended keys are said to end sooner than the store answers once, so that they are due at the next request, on any machine. */
const SLOW = { latencyMs: 100 };
const SAID_MS = 50;
const HOUR_MS = 3_600_000;
/** The store itself takes them for longer than any test lasts. */
const ENDING = { lifeMs: HOUR_MS, overstatedMs: SAID_MS - HOUR_MS };

const refused = ({ status }: { readonly status: number }) => status >= 400 && status !== 404;

describe.each(GENERATIONS)("%s", (generation) => {
  it.each([
    ["Delta", DELTA_TABLE],
    ["Iceberg", ICEBERG_TABLE],
  ])("08 §3.6: %s: they are renewed ahead of their end, and nothing is refused", async (_, table) => {
    await using folder = await workFolder();
    await using lake = await startS3Lake(SLOW);
    await using controlPlane = await startPlane(generation, folder, lake);
    const { url } = controlPlane;
    const jobId = await enqueue(url, table, "--ndv");
    const planned = lake.minted.length;
    Object.assign(lake, ENDING);
    await using worker = startWorker(url, "--threads", "1");
    expect(await watchTable(url, jobId)).toMatchObject({ state: "succeeded", groupCount: 1 });
    expect(lake.minted.length - planned).toBeGreaterThanOrEqual(2);
    expect(new Set(lake.s3.requests.map(({ accessKeyId }) => accessKeyId)).size).toBeGreaterThanOrEqual(3);
    expect(lake.s3.requests.filter(refused)).toEqual([]);
    expect(worker.lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
    await expectAsCaptured(generation, folder, { url, jobId, table });
  });

  it("08 F6: keys that end before the control plane says so are renewed once the store refuses them", async () => {
    await using folder = await workFolder();
    await using lake = await startS3Lake();
    await using controlPlane = await startPlane(generation, folder, lake);
    const { url } = controlPlane;
    const jobId = await enqueue(url, DELTA_TABLE, "--ndv");
    const planned = lake.minted.length;
    lake.lifeMs = HOUR_MS;
    // The first data file's first read is the last that the group's first keys are good for.
    lake.s3.fault = ({ key, accessKeyId }) => {
      const first = lake.minted[planned]?.accessKeyId;
      if (key.endsWith(".parquet") && accessKeyId === first && first !== undefined) lake.end(first);
      return undefined;
    };
    await using worker = startWorker(url, "--threads", "1");
    expect(await watchTable(url, jobId)).toMatchObject({ state: "succeeded", groupCount: 1 });
    expect(lake.minted.length).toBe(planned + 2);
    expect(lake.s3.requests.filter(refused).length).toBeGreaterThan(0);
    expect(worker.lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
    await expectAsCaptured(generation, folder, { url, jobId, table: DELTA_TABLE });
  });

  it("decision 22: keys without a known end that have ended are vended anew, once", async () => {
    await using folder = await workFolder();
    await using lake = await startS3Lake();
    let vends = 0;
    await using controlPlane = await startPlane(generation, folder, lake, {
      async mint(authority, scope) {
        vends += 1;
        // The second to come, the group's first, have ended already; nobody says so.
        lake.lifeMs = vends === 2 ? -1 : undefined;
        const minted = await lake.mint(authority, scope);
        return minted && { ...minted, expiresAtMs: undefined };
      },
    });
    const { url } = controlPlane;
    const jobId = await enqueue(url, DELTA_TABLE);
    await using worker = startWorker(url);
    expect(await watchTable(url, jobId)).toMatchObject({ state: "succeeded" });
    expect(vends).toBe(3);
    expect(worker.count("have ended; capturing it again with new ones")).toBe(1);
  });

  it("decision 22: those that have ended twice fail the group for good", async () => {
    await using folder = await workFolder();
    await using lake = await startS3Lake();
    await using controlPlane = await startPlane(generation, folder, lake, {
      async mint(authority, scope) {
        const minted = await lake.mint(authority, scope);
        return minted && { ...minted, expiresAtMs: undefined };
      },
    });
    const { url } = controlPlane;
    const jobId = await enqueue(url, DELTA_TABLE);
    lake.lifeMs = -1;
    await using _worker = startWorker(url);
    expect(await watchTable(url, jobId)).toMatchObject({ state: "failed" });
    expect(lake.minted.length).toBe(3);
    const [job] = await groupJobs(controlPlane, jobId);
    expect(job?.message).toMatch(
      /ReconcileFailureException: S3 refuses .*ExpiredToken.*: the temporary credentials have ended/,
    );
  });

  it("decision 22, 08 C6: a connector's own temporary keys come anew with a new payload, once", async () => {
    await using folder = await workFolder();
    await using lake = await startS3Lake();
    const [authority] = lake.authorities;
    if (authority === undefined) throw new Error("no authority");
    const authorities = [...lake.authorities];
    let payloads = 0;
    await using controlPlane = await startPlane(generation, folder, lake, {
      authorities,
      issuers: {
        grant: () => Promise.reject(new Error("not asked for")),
        async assumeRole() {
          payloads += 1;
          // The first payload's have ended already.
          lake.lifeMs = payloads === 1 ? -1 : undefined;
          const {
            accessKeyId,
            secretAccessKey,
            sessionToken = "",
          } = (await lake.mint(authority, { location: "s3://lake", generation })) ?? {};
          if (accessKeyId === undefined || secretAccessKey === undefined) throw new Error("no keys");
          return { accessKeyId, secretAccessKey, sessionToken };
        },
        newId: () => "provider-1",
      },
    });
    const { url, store } = controlPlane;
    const jobId = await enqueue(url, DELTA_TABLE, "--ndv");
    const tableId = localTableId(DELTA_TABLE);
    const record = create(ConnectorSchema, {
      resourceId: { accountId: LOCAL_ACCOUNT, id: tableId, kind: 7 },
      kind: ConnectorKind.CK_DELTA,
      auth: {
        scheme: "aws-assume-role",
        credentials: { credential: { case: "awsAssumeRole", value: { roleArn: "arn:r" } } },
      },
      state: ConnectorState.CS_ACTIVE,
      properties: {
        "delta.source": "filesystem",
        "delta.table-root": DELTA_TABLE,
        "s3.endpoint": lake.s3.endpoint,
        "s3.path-style-access": "true",
        "stats.ndv.enabled": "true",
      },
    });
    store.catalog.putConnector(LOCAL_ACCOUNT, tableId, toBinary(ConnectorSchema, record));
    // Planned with it; nothing is vended to the worker.
    authorities.splice(0);
    await using worker = startWorker(url);
    expect(await watchTable(url, jobId)).toMatchObject({ state: "succeeded" });
    expect(payloads).toBe(2);
    expect(worker.count("have ended; capturing it again with new ones")).toBe(1);
    await expectAsCaptured(generation, folder, { url, jobId, table: DELTA_TABLE });
  });

  it("08 S18: a renewal that is refused fails the group for good, in the reference's words", async () => {
    await using folder = await workFolder();
    await using lake = await startS3Lake(SLOW);
    await using controlPlane = await startPlane(generation, folder, lake, {
      intercept: onVend(2, () => Promise.reject(new GrpcStatusError("PERMISSION_DENIED", "not any more"))),
    });
    const { url } = controlPlane;
    const jobId = await enqueue(url, DELTA_TABLE);
    Object.assign(lake, ENDING);
    await using worker = startWorker(url, "--threads", "1");
    expect(await watchTable(url, jobId)).toMatchObject({ state: "failed" });
    const [job] = await groupJobs(controlPlane, jobId);
    expect(job?.message).toBe(
      "ReconcileFailureException: Execution-bound storage credential refresh was rejected",
    );
    expect(worker.count(LEASED)).toBe(1);
  });
});

it("03 §18 row 3 chunked: a lease that turns out lost at a renewal is a lost lease: nothing more is sent", async () => {
  await using folder = await workFolder();
  await using lake = await startS3Lake(SLOW);
  const calls: string[] = [];
  const leased = Promise.withResolvers<string>();
  await using controlPlane = await startPlane("chunked", folder, lake, {
    intercept: {
      async before(path) {
        calls.push(path.slice(path.lastIndexOf("/") + 1));
        const vends = calls.filter((call) => call === VEND).length;
        if (calls.at(-1) === VEND && vends === 2) controlPlane.store.leases.remove(await leased.promise);
        return "pass";
      },
      after: async () => "pass",
    },
  });
  const { url } = controlPlane;
  await enqueue(url, DELTA_TABLE);
  Object.assign(lake, ENDING);
  await using worker = startWorker(url, "--threads", "1");
  const lost = String((await worker.line(LEASED)).jobId);
  leased.resolve(lost);
  const line = await worker.line("Remote reconcile lease lost");
  expect(line).toMatchObject({
    jobId: lost,
    reason: "AccessDeniedError: Execution-bound storage credential refresh was rejected",
  });
  const afterLoss = calls.slice(calls.lastIndexOf(VEND) + 1);
  expect(afterLoss).not.toContain("SubmitLeasedFileGroupExecutionResult");
  expect(afterLoss).not.toContain("CompleteLeasedReconcileJob");
});

const VEND = "VendStorageCredentials";

/** Something happens in place of every vend from the `nth` on. */
function onVend(nth: number, act: () => Promise<Interception>): Interceptor {
  let vends = 0;
  return {
    async before(path) {
      if (path.includes("StorageAuthorities")) vends += 1;
      return path.includes("StorageAuthorities") && vends >= nth ? await act() : "pass";
    },
    after: async () => "pass",
  };
}
