/**
 * A client on `@grpc/grpc-js`, with nothing of ours but the .proto files, against the embedded control plane: every method of the
 * three services in both generations, and what a refusal says (01 §2, 02 §1.4).
 */
import {
  type Client,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterEach, describe, expect, test } from "vitest";
import type { Generation } from "../../src/model/index.ts";
import {
  artifact,
  F1,
  F2,
  fileRecord,
  fileResult,
  type Harness,
  isFields,
  leaseOf,
  seed,
  start,
  tablePartial,
} from "../support/control-plane/harness.ts";
import { type Fields, SERVICES } from "../support/control-plane/independent-client.ts";

const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

type Service = keyof typeof SERVICES;

interface GrpcJs {
  /** Resolves with the answer, rejects with the stack's own error. */
  call(service: Service, method: string, request: Fields): Promise<Fields>;
  methods(service: Service): readonly string[];
  /** `Service/Method` of the calls so far. */
  readonly called: ReadonlySet<string>;
}

function grpcJs(url: string, generation: Generation): GrpcJs {
  const definition = loadSync(["floecat/reconciler/reconciler.proto", "floecat/storage/authority.proto"], {
    includeDirs: [`proto/${generation}`],
    keepCase: true,
    longs: String,
    enums: String,
    oneofs: true,
    defaults: true,
  });
  const root = loadPackageDefinition(definition);
  const called = new Set<string>();
  const open = (service: Service) => {
    const found = SERVICES[service]
      .split(".")
      .reduce<unknown>(
        (at, name) => (isFields(at) || typeof at === "function" ? Reflect.get(at, name) : undefined),
        root,
      );
    if (!isConstructor(found)) throw new Error(`service ${service} not loaded`);
    const client = new found(url.slice("http://".length), credentials.createInsecure());
    clients.push(client);
    return { client, methods: Object.keys(found.service) };
  };
  const services = { executor: open("executor"), control: open("control"), storage: open("storage") };
  return {
    called,
    methods: (service) => services[service].methods,
    call(service, method, request) {
      called.add(`${service}/${method}`);
      const metadata = new Metadata();
      metadata.set("x-correlation-id", "corr-1");
      const deadline = Date.now() + 10_000;
      return new Promise((resolve, reject) => {
        services[service].client[method]?.(
          request,
          metadata,
          { deadline },
          (error: ServiceError | null, response: Fields) =>
            error === null ? resolve(response) : reject(error),
        );
      });
    },
  };
}

function isConstructor(value: unknown): value is ServiceClientConstructor {
  return typeof value === "function";
}

async function refusal(promise: Promise<unknown>): Promise<ServiceError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isServiceError(error)) throw new Error(`no refusal: ${String(error)}`);
  return error;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "metadata" in error && "code" in error;
}

async function leaseOne({ call }: GrpcJs): Promise<Fields> {
  const { job } = await call("executor", "LeaseReconcileJob", {
    executor_ids: ["w"],
    job_kinds: ["RJK_EXEC_FILE_GROUP"],
  });
  if (!isFields(job)) throw new Error("nothing to lease");
  return leaseOf(String(job.lease_epoch), String(job.job_id));
}

async function succeed(client: GrpcJs, generation: Generation, path: string, lease: Fields): Promise<void> {
  const content = { stats_records: [tablePartial(3), fileRecord(path)], index_artifacts: [artifact(path)] };
  const submit = (outcome: Fields) =>
    client.call("executor", "SubmitLeasedFileGroupExecutionResult", { ...lease, ...outcome });
  if (generation === "inline") {
    expect(await submit({ success: { result_id: "r", ...content } })).toEqual({ accepted: true });
    const completion = { ...lease, state: "RCS_SUCCEEDED", stats_processed: "1" };
    expect(await client.call("executor", "CompleteLeasedReconcileJob", completion)).toEqual({
      accepted: true,
    });
    return;
  }
  expect(await submit({ chunk: { result_id: "r", ...content } })).toEqual({ accepted: true });
  const success = { result_id: "r", chunk_count: 1, file_results: [fileResult(path)] };
  expect(await submit({ success })).toEqual({ accepted: true });
  const again = { ...lease, state: "RCS_SUCCEEDED", stats_processed: "1" };
  expect(await client.call("executor", "CompleteLeasedReconcileJob", again)).toEqual({ accepted: true });
}

describe.each(["inline", "chunked"] as const)("%s", (generation) => {
  test("01 §2: every method of the executor's, the operator's and the storage service answers", async () => {
    const harness = await start(generation);
    seed(harness, { groups: [[F1], [F2]] });
    const client = grpcJs(harness.url, generation);
    const executor = (method: string, request: Fields) => client.call("executor", method, request);
    const control = (method: string, request: Fields) => client.call("control", method, request);

    const lease = await leaseOne(client);
    await executor("StartLeasedReconcileJob", { ...lease, executor_id: "w" });
    expect(await executor("RenewReconcileLease", lease)).toMatchObject({ renewed: true });
    expect(await executor("ReportReconcileProgress", { ...lease, stats_processed: "1" })).toMatchObject({
      lease_valid: true,
    });
    expect(await executor("GetReconcileCancellation", { job_id: "job-1" })).toEqual({
      cancellation_requested: false,
    });
    expect(await executor("GetLeasedFileGroupExecution", lease)).toMatchObject({
      execution: { plan_id: "plan-1", file_paths: [F1], snapshot_id: "55" },
    });
    await succeed(client, generation, F1, lease);

    expect(await control("GetReconcileJob", { job_id: "job-1" })).toMatchObject({
      state: "JS_SUCCEEDED",
      stats_processed: "1",
      files_completed: "1",
    });
    const tree = await control("GetReconcileJobTree", { job_id: "root" });
    expect(JSON.stringify(tree)).toContain('"job-2"');
    expect(await control("ListReconcileJobs", { page: { page_size: 2 } })).toMatchObject({
      jobs: [{}, {}],
      page: { next_page_token: expect.stringMatching(/./) },
    });
    if (generation === "chunked") {
      const status = { table_id: { account_id: "acct", id: "table-1", kind: "RK_TABLE" }, snapshot_id: "55" };
      expect(await control("GetFinalizedSnapshotStatus", status)).toMatchObject({ status: "FSS_PENDING" });
    }
    expect(await control("CancelReconcileJob", { job_id: "job-2" })).toMatchObject({ cancelled: true });
    const capture = {
      scope: {
        connector_id: { account_id: "acct", id: "connector-1", kind: "RK_CONNECTOR" },
        destination_table_id: "table-1",
        capture_policy: { outputs: ["CO_FILE_STATS"] },
      },
      mode: "CM_CAPTURE_ONLY",
    };
    expect(await control("StartCapture", capture)).toEqual({ job_id: expect.stringMatching(/./) });
    // Nobody works on it, so that its wait passes.
    const now = refusal(control("CaptureNow", { ...capture, max_wait: { seconds: "1", nanos: 0 } }));
    await expect.poll(() => harness.clock.sleepers).toBeGreaterThan(0);
    await harness.clock.advance(60_000);
    expect((await now).code).toBeGreaterThan(0);
    for (const method of ["GetReconcilerSettings", "UpdateReconcilerSettings"]) {
      // Switches of the peer's own scheduler, which isn't here.
      expect((await refusal(control(method, {}))).code).toBe(12);
    }
    await (generation === "inline"
      ? client.call("storage", "ResolveStorageAuthorityForAccountLocation", { account_id: "acct" })
      : refusal(client.call("storage", "VendStorageCredentials", { account_id: "acct" })));

    const all = (["executor", "control", "storage"] as const).flatMap((service) =>
      client.methods(service).map((method) => `${service}/${method}`),
    );
    expect(all.length).toBeGreaterThanOrEqual(17);
    expect(all.filter((method) => !client.called.has(method))).toEqual([]);
  });

  test("02 §1.4: a refusal's details can be read", async () => {
    const harness: Harness = await start(generation);
    seed(harness);
    const client = grpcJs(harness.url, generation);
    const request = leaseOf("stale-epoch");
    const { code, metadata } = await refusal(client.call("executor", "GetLeasedFileGroupExecution", request));
    expect(code).toBe(9);
    // This stack reads both values as one and keeps the first; both are looked at in src/control-plane/errors.
    const [value] = metadata.get("grpc-status-details-bin");
    if (!Buffer.isBuffer(value)) throw new Error("a binary value is needed");
    const { details } = harness.client.decode("google.rpc.Status", value);
    const [detail] = Array.isArray(details) ? details : [];
    expect(detail?.type_url).toBe("type.googleapis.com/ai.floedb.floecat.common.Error");
    expect(harness.client.decode("ai.floedb.floecat.common.Error", detail?.value)).toMatchObject({
      params: { root_message: "FAILED_PRECONDITION: reconcile lease is no longer valid" },
    });
  });
});
