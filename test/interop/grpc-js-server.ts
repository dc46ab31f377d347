/**
 * A control plane on another stack: `@grpc/grpc-js` with descriptors that `@grpc/proto-loader` reads from our `.proto` files.
 * It hands out one file group and records every request as that stack understood it.
 */
import { fileURLToPath } from "node:url";
import { type handleUnaryCall, Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { type AnyDefinition, loadSync, type ServiceDefinition } from "@grpc/proto-loader";
import type { Generation } from "../../src/model/index.ts";

export type Fields = { readonly [name: string]: unknown };

export interface Received {
  readonly method: string;
  readonly request: Fields;
  readonly headers: Readonly<Record<string, string>>;
}

export interface GrpcJsServer extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
}

const SERVICE = "ai.floedb.floecat.reconciler.ReconcileExecutorControl";

export interface GrpcJsServerOptions {
  readonly generation: Generation;
  /** The payload that GetLeasedFileGroupExecution answers. */
  readonly execution: Fields;
  /** Methods that first take effect and then answer UNAVAILABLE, this many times. */
  readonly losesAnswers?: Readonly<Record<string, number>>;
}

export async function startGrpcJsServer(options: GrpcJsServerOptions): Promise<GrpcJsServer> {
  const received: Received[] = [];
  const losses = new Map(Object.entries(options.losesAnswers ?? {}));
  let leased = false;
  let ended = false;
  const answers: Record<string, (request: Fields) => Fields> = {
    LeaseReconcileJob: () => {
      if (leased) return { found: false };
      leased = true;
      return {
        found: true,
        job: {
          job_id: "job-1",
          lease_epoch: "lease-1",
          connector_id: { account_id: "acct", id: "connector-1", kind: "RK_CONNECTOR" },
          kind: "RJK_EXEC_FILE_GROUP",
          file_group_task: { plan_id: "plan-1", group_id: "group-1" },
        },
      };
    },
    StartLeasedReconcileJob: () => ({}),
    RenewReconcileLease: () => ({ renewed: !ended }),
    ReportReconcileProgress: () => ({ lease_valid: !ended }),
    GetReconcileCancellation: () => ({ cancellation_requested: false }),
    GetLeasedFileGroupExecution: () => ({ execution: options.execution }),
    SubmitLeasedFileGroupExecutionResult: (request) => {
      ended = options.generation === "chunked" && request.outcome === "success";
      return { accepted: true };
    },
    CompleteLeasedReconcileJob: () => {
      ended = true;
      return { accepted: true };
    },
  };
  const handler =
    (method: string, answer: (request: Fields) => Fields): handleUnaryCall<Fields, Fields> =>
    (call, callback) => {
      const headers = Object.entries(call.metadata.getMap()).map(([name, value]) => [name, String(value)]);
      received.push({ method, request: call.request, headers: Object.fromEntries(headers) });
      const reply = answer(call.request);
      const left = losses.get(method) ?? 0;
      losses.set(method, left - 1);
      if (left > 0) {
        callback({ code: status.UNAVAILABLE, details: "answer lost", metadata: new Metadata() });
      } else {
        callback(null, reply);
      }
    };

  const server = new Server();
  const implementation = Object.fromEntries(
    Object.entries(answers).map(([method, answer]) => [method, handler(method, answer)]),
  );
  server.addService(loadService(options.generation), implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

function loadService(generation: Generation): ServiceDefinition {
  const root = fileURLToPath(new URL(`../../proto/${generation}`, import.meta.url));
  const definitions = loadSync("floecat/reconciler/reconciler.proto", {
    includeDirs: [root],
    keepCase: true,
    longs: String,
    enums: String,
    oneofs: true,
    defaults: true,
  });
  const definition = definitions[SERVICE];
  if (definition === undefined || !isService(definition)) throw new Error(`no service ${SERVICE}`);
  return definition;
}

function isService(definition: AnyDefinition): definition is ServiceDefinition {
  return !("format" in definition);
}
