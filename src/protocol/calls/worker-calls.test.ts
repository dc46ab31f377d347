/** The calls as a server sees them: a raw HTTP/2 server records headers and bytes. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import * as chunked from "../chunked/gen/floecat/reconciler/reconciler_pb.ts";
import { ControlPlaneError, FILE_GROUP_EXECUTOR_ID } from "../port.ts";
import { adapter, answer, lease, options, tableId } from "../testing/connected.ts";
import type { TokenSource } from "../token.ts";

const generations = ["inline", "chunked"] as const;

const renewed = answer(chunked.RenewReconcileLeaseResponseSchema, { renewed: true });
const completed = answer(chunked.CompleteLeasedReconcileJobResponseSchema, { accepted: true });

describe("headers and tokens", () => {
  const perAccount: TokenSource = {
    authorization: (accountId) => Promise.resolve(`Bearer worker-token${accountId && `-${accountId}`}`),
    rejected: () => {},
  };

  test("08 A18, 01 C1, C4: chunked calls about a job carry its account, its account's token and its correlation id", async () => {
    const { server, controlPlane } = await adapter(
      "chunked",
      { RenewReconcileLease: renewed },
      { tokens: perAccount },
    );
    await controlPlane.renew(lease, options);
    await controlPlane.renew({ ...lease, jobId: "job-2", accountId: "acct-2" }, options);
    expect(server.requests.map(({ headers }) => headers)).toMatchObject([
      {
        authorization: "Bearer worker-token-acct-1",
        "x-floe-account": "acct-1",
        "x-correlation-id": "reconcile-job-job-1",
      },
      {
        authorization: "Bearer worker-token-acct-2",
        "x-floe-account": "acct-2",
        "x-correlation-id": "reconcile-job-job-2",
      },
    ]);
  });

  test("08 A19, 03 §3.2: inline never sends the account", async () => {
    const { server, controlPlane } = await adapter("inline", { RenewReconcileLease: renewed });
    await controlPlane.renew(lease, options);
    expect(server.requests[0]?.headers).toMatchObject({ "x-correlation-id": "reconcile-job-job-1" });
    expect(server.requests[0]?.headers).not.toHaveProperty("x-floe-account");
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  test("08 §1.5: inline has one token for all accounts", async () => {
    const { server, controlPlane } = await adapter(
      "inline",
      { RenewReconcileLease: renewed },
      { tokens: perAccount },
    );
    await controlPlane.renew(lease, options);
    expect(server.requests[0]?.headers.authorization).toBe("Bearer worker-token");
  });

  test.each([
    ["chunked", undefined],
    ["inline", "Bearer worker-token"],
  ] as const)("08 A14, §1.4: auth that isn't required: %s calls carry %s", async (generation, expected) => {
    const { server, controlPlane } = await adapter(
      generation,
      { RenewReconcileLease: renewed },
      { tokens: perAccount, authRequired: false },
    );
    await controlPlane.renew(lease, options);
    expect(server.requests[0]?.headers.authorization).toBe(expected);
  });

  test("08 §1.2: without a header name there is no token and no error", async () => {
    const refusing: TokenSource = { ...perAccount, authorization: () => Promise.reject(new Error("asked")) };
    const { server, controlPlane } = await adapter(
      "chunked",
      { RenewReconcileLease: renewed },
      { tokens: refusing, tokenHeader: "" },
    );
    await controlPlane.renew(lease, options);
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  test.each(generations)(
    "03 T17 %s: without a token and without the need for one, calls carry none",
    async (generation) => {
      const { server, controlPlane } = await adapter(
        generation,
        { RenewReconcileLease: renewed },
        { authRequired: false },
      );
      await controlPlane.renew(lease, options);
      expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
      expect(server.requests[0]?.headers).not.toHaveProperty("x-floe-session");
    },
  );

  test("01 C2, 03 T14: a configured header carries the token", async () => {
    const { server, controlPlane } = await adapter(
      "chunked",
      { RenewReconcileLease: renewed },
      { tokens: perAccount, tokenHeader: " X-Floe-Session " },
    );
    await controlPlane.renew(lease, options);
    expect(server.requests[0]?.headers).toMatchObject({
      "x-floe-session": "Bearer worker-token-acct-1",
      "x-correlation-id": "reconcile-job-job-1",
    });
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  test("decision 19: a refused token is dropped, and the call made once more with a new one", async () => {
    const tokens = ["old", "new"];
    const refused: string[] = [];
    const source: TokenSource = {
      authorization: () => Promise.resolve(tokens[0]),
      rejected: (_account, token) => {
        refused.push(token);
        tokens.shift();
      },
    };
    const { server, controlPlane } = await adapter(
      "chunked",
      {
        RenewReconcileLease: (request) =>
          request.headers.authorization === "new" ? renewed(request) : { status: 16 },
      },
      { tokens: source },
    );
    expect(await controlPlane.renew(lease, options)).toEqual({ held: true, cancellationRequested: false });
    expect(refused).toEqual(["old"]);
    expect(server.requests).toHaveLength(2);
  });

  test("decision 19: a token that stays refused is an error after two attempts", async () => {
    const { server, controlPlane } = await adapter(
      "chunked",
      { RenewReconcileLease: () => ({ status: 16 }) },
      { tokens: perAccount },
    );
    await expect(controlPlane.renew(lease, options)).rejects.toMatchObject({ kind: "unauthenticated" });
    expect(server.requests).toHaveLength(2);
  });

  test("a token that can't be had fails the call before it is sent", async () => {
    const tokens: TokenSource = {
      authorization: () => Promise.reject(new Error("no token endpoint")),
      rejected: () => {},
    };
    const { server, controlPlane } = await adapter("chunked", { RenewReconcileLease: renewed }, { tokens });
    await expect(controlPlane.renew(lease, options)).rejects.toMatchObject({
      kind: "unauthenticated",
      message: "UNAUTHENTICATED: no token endpoint",
    });
    expect(server.requests).toHaveLength(0);
  });
});

describe.each(generations)("calls, %s", (generation) => {
  test("03 T1: the lease request asks for file groups of every class and lane", async () => {
    const job = {
      jobId: "job-1",
      leaseEpoch: "lease-1",
      connectorId: { accountId: "acct-1", id: "connector-1", kind: 7 },
      kind: 5,
      fullRescan: true,
      parentJobId: "parent",
      pinnedExecutorId: "pin",
      fileGroupTask: { planId: "plan-1", groupId: "group-1" },
    } as const;
    const { server, controlPlane } = await adapter(generation, {
      LeaseReconcileJob: answer(chunked.LeaseReconcileJobResponseSchema, { found: true, job }),
    });
    const request = { instanceId: "host-1", executorIds: ["host-1", FILE_GROUP_EXECUTOR_ID] };
    expect(await controlPlane.lease(request, options)).toEqual({
      ...lease,
      kind: "exec-file-group",
      connectorId: "connector-1",
      parentJobId: "parent",
      pinnedExecutorId: "pin",
      fullRescan: true,
      planId: "plan-1",
      groupId: "group-1",
    });
    const [sent] = server.requests;
    expect(fromBinary(chunked.LeaseReconcileJobRequestSchema, sent!.message)).toMatchObject({
      executorId: "host-1",
      executionClasses: [1, 2, 3, 4],
      lanes: ["*"],
      jobKinds: [5],
      executorIds: ["host-1", "remote_file_group_worker"],
    });
    expect(sent?.headers).toMatchObject({ "x-correlation-id": "reconcile-lease-host-1" });
    expect(sent?.headers).not.toHaveProperty("x-floe-account");
  });

  test("02 §4.1: nothing found is no job", async () => {
    const { controlPlane } = await adapter(generation, {
      LeaseReconcileJob: answer(chunked.LeaseReconcileJobResponseSchema, { found: false }),
    });
    expect(await controlPlane.lease({ instanceId: "h", executorIds: [] }, options)).toBeUndefined();
  });

  test.each([0, 99])("01 D3: job kind %i reads as another kind, never as a file group", async (kind) => {
    // LeaseReconcileJobResponse {found 1, job 2 {job_id 1 "j", kind 10}}
    const message = Buffer.from(`080112050a016a50${kind.toString(16).padStart(2, "0")}`, "hex");
    const { controlPlane } = await adapter(generation, { LeaseReconcileJob: () => ({ message }) });
    const job = await controlPlane.lease({ instanceId: "h", executorIds: [] }, options);
    expect(job).toMatchObject({ jobId: "j", kind: "plan-connector" });
  });

  test("02 §4.2–4.5: start, progress and cancellation", async () => {
    const { server, controlPlane } = await adapter(generation, {
      StartLeasedReconcileJob: answer(chunked.StartLeasedReconcileJobResponseSchema, {}),
      ReportReconcileProgress: answer(chunked.ReportReconcileProgressResponseSchema, {
        leaseValid: false,
        cancellationRequested: true,
      }),
      GetReconcileCancellation: answer(chunked.GetReconcileCancellationResponseSchema, {
        cancellationRequested: true,
      }),
    });
    await controlPlane.start(lease, FILE_GROUP_EXECUTOR_ID, options);
    const progress = { statsProcessed: 3n, message: "ok" };
    expect(await controlPlane.reportProgress(lease, progress, options)).toEqual({
      held: false,
      cancellationRequested: true,
    });
    expect(await controlPlane.getCancellation(lease, options)).toBe(true);
    expect(server.requests.map(({ message }) => Buffer.from(message).toString("hex"))).toEqual([
      "0a056a6f622d3112076c656173652d311a1872656d6f74655f66696c655f67726f75705f776f726b6572",
      "0a056a6f622d3112076c656173652d31380342026f6b",
      "0a056a6f622d31",
    ]);
  });

  test("01 C7, 03 §13: a call of Complete is one attempt, even if its answer is lost", async () => {
    const answers = [{ status: 14 }, { status: 14 }];
    const { server, controlPlane } = await adapter(generation, {
      CompleteLeasedReconcileJob: (request) => answers.shift() ?? completed(request),
    });
    const completion = {
      state: "failed",
      disposition: "retryable",
      retryClass: "transient-error",
      errors: 1n,
      statsProcessed: 0n,
      message: "boom",
    } as const;
    await expect(controlPlane.complete(lease, completion, options)).rejects.toMatchObject({
      kind: "transport",
    });
    expect(server.requests).toHaveLength(1);
    // 01 E12, with this lease's epoch.
    expect(Buffer.from(server.requests[0]!.message).toString("hex")).toBe(
      "0a056a6f622d3112076c656173652d31180230014a04626f6f6d60016801",
    );
  });

  test("02 §4.6: a payload", async () => {
    const schema = chunked.GetLeasedFileGroupExecutionResponseSchema;
    const execution = { planId: "plan-1", tableId: { accountId: "acct", id: "table-1", kind: 4 as const } };
    const { controlPlane } = await adapter(generation, {
      GetLeasedFileGroupExecution: answer(schema, { execution }),
    });
    const job = {
      ...lease,
      kind: "exec-file-group",
      connectorId: "",
      parentJobId: "",
      pinnedExecutorId: "",
      fullRescan: false,
      planId: "",
      groupId: "",
    } as const;
    expect(await controlPlane.getFileGroup(job, options)).toMatchObject({
      generation,
      planId: "plan-1",
      tableId,
    });
  });

  test("a deadline that passes is a transport failure", async () => {
    const { controlPlane } = await adapter(generation, { RenewReconcileLease: () => ({ silent: true }) });
    await expect(controlPlane.renew(lease, { ...options, timeoutMs: 30 })).rejects.toMatchObject({
      kind: "transport",
      status: { code: "DEADLINE_EXCEEDED" },
    });
  });

  test("an aborted call rejects with the signal's reason", async () => {
    const { controlPlane } = await adapter(generation, { RenewReconcileLease: () => ({ silent: true }) });
    const abort = new AbortController();
    const call = controlPlane.renew(lease, { ...options, signal: abort.signal });
    const reason = new Error("lease lost");
    abort.abort(reason);
    await expect(call).rejects.toBe(reason);
  });

  test("01 §10.3: an answer above the receive limit is refused", async () => {
    const message = toBinary(
      chunked.LeaseReconcileJobResponseSchema,
      create(chunked.LeaseReconcileJobResponseSchema, { found: true, job: { jobId: "j".repeat(2000) } }),
    );
    const { controlPlane } = await adapter(
      generation,
      { LeaseReconcileJob: () => ({ message }) },
      { maxReceiveBytes: 1000 },
    );
    await expect(controlPlane.lease({ instanceId: "h", executorIds: [] }, options)).rejects.toThrow(
      ControlPlaneError,
    );
  });
});
