import { describe, expect, it } from "vitest";
import { workFolder } from "../support/run-cli.ts";
import { DELTA_TABLE, ICEBERG_TABLE, startS3Lake } from "../support/s3-lake.ts";
import { enqueue, GENERATIONS, groupJobs, startWorker, watchTable } from "./loop.ts";
import { enqueueWith, expectAsCaptured, startPlane } from "./s3-loop.ts";

/** Tables on S3, read with what the control plane vends (08 §3), by workers that have no credentials of their own. */

describe.each(GENERATIONS)("%s", (generation) => {
  it.each([
    ["Delta", DELTA_TABLE],
    ["Iceberg", ICEBERG_TABLE],
  ])("08 §3: a %s table is captured with vended keys as from any other store", async (_, table) => {
    await using folder = await workFolder();
    await using lake = await startS3Lake();
    await using controlPlane = await startPlane(generation, folder, lake);
    await using worker = startWorker(controlPlane.url);
    const { url } = controlPlane;
    const jobId = await enqueue(url, table, "--files-per-group", "1", "--ndv");
    expect(await watchTable(url, jobId)).toMatchObject({ state: "succeeded" });
    await expectAsCaptured(generation, folder, { url, jobId, table });
    // One vend for the plan, one a group; nothing was asked for that was refused.
    expect(lake.minted.length).toBe(1 + (await groupJobs(controlPlane, jobId)).length);
    expect(lake.s3.requests.filter(({ status }) => status >= 400 && status !== 404)).toEqual([]);
    expect(worker.lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  });

  it("08 §6 rule 5: a refusal is final, and is not taken for keys that have ended", async () => {
    await using folder = await workFolder();
    await using lake = await startS3Lake();
    await using controlPlane = await startPlane(generation, folder, lake);
    const jobId = await enqueue(controlPlane.url, DELTA_TABLE, "--files-per-group", "3");
    const planned = lake.minted.length;
    lake.s3.fault = ({ key }) =>
      key.endsWith(".parquet") ? { kind: "answer", status: 403, code: "AccessDenied" } : undefined;
    await using worker = startWorker(controlPlane.url);
    expect(await watchTable(controlPlane.url, jobId)).toMatchObject({ state: "failed" });
    const [job] = await groupJobs(controlPlane, jobId);
    expect(job?.message).toMatch(
      /^ReconcileFailureException: S3 refuses to let us read s3:\/\/lake\/orders\/.*AccessDenied/,
    );
    // No second attempt, no second vend.
    expect(lake.minted.length).toBe(planned + 1);
    expect(worker.count("have ended")).toBe(0);
  });

  it("decision 21, 08 S9, S10: without an authority the connector's own keys hold", async () => {
    await using folder = await workFolder();
    const keys = { accessKeyId: "OWNKEY", secretAccessKey: "own/se+cret" };
    await using lake = await startS3Lake({ identities: [keys] });
    await using controlPlane = await startPlane(generation, folder, lake, { authorities: [] });
    await using worker = startWorker(controlPlane.url);
    const properties = {
      "s3.endpoint": lake.s3.endpoint,
      "s3.path-style-access": "true",
      "s3.region": "us-east-1",
      "s3.access-key-id": keys.accessKeyId,
      "s3.secret-access-key": keys.secretAccessKey,
    };
    const jobId = await enqueueWith(controlPlane.url, DELTA_TABLE, properties);
    expect(await watchTable(controlPlane.url, jobId)).toMatchObject({ state: "succeeded" });
    expect(new Set(lake.s3.requests.map(({ accessKeyId }) => accessKeyId))).toEqual(new Set(["OWNKEY"]));
    expect(worker.lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  });
});
