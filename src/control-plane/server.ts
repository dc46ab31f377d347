import { randomUUID } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { type Clock, type Generation, systemClock } from "../model/index.ts";
import { TargetStatsRecordSchema } from "../protocol/chunked/gen/floecat/catalog/stats_pb.ts";
import type { StoreSettings } from "../storage/index.ts";
import type { CatalogContext } from "../table/index.ts";
import { adminService } from "./admin/admin-service.ts";
import { createChangeNotice } from "./admin/change-notice.ts";
import { type Authenticator, developmentAuthenticator } from "./auth/index.ts";
import { controlCalls } from "./control/control-calls.ts";
import { jobMessages } from "./control/job-messages.ts";
import { storageCalls } from "./control/storage-calls.ts";
import { credentialIssuers } from "./executor/credential-issuers.ts";
import { leaseCalls } from "./executor/lease-calls.ts";
import type { SecretLookup } from "./executor/references.ts";
import type { CredentialIssuers } from "./executor/resolve-credentials.ts";
import { limitedScans, unlimitedScans } from "./executor/scan-admission.ts";
import { settle } from "./finalize/settle.ts";
import { Admin } from "./gen/admin_pb.ts";
import { type Interceptor, reflectionRoutes, serverStream, startGrpcServer, unary } from "./grpc/index.ts";
import { createJobEngine, type JobEngine } from "./jobs/index.ts";
import { createMaintenance, type Maintenance } from "./maintenance.ts";
import type { GenerationRoutes, Services } from "./routes/services.ts";
import type { ServiceContext } from "./service.ts";
import { type ControlPlaneLimits, controlPlaneLimits, DEFAULT_QUIRKS, type Quirks } from "./settings.ts";
import { type CredentialMint, mintCredentials, type StorageAuthority } from "./storage-authority/index.ts";
import { openJobStore, type SharedBlobs, type Store } from "./store/index.ts";

/** The embedded control plane: a job store and a gRPC server over it, of one wire generation (02). */
export interface ControlPlaneOptions {
  readonly listen: { readonly host: string; readonly port: number };
  /** Job store and blobs; made if it isn't there, taken up where it was left if it is. */
  readonly dataDir: string;
  readonly generation: Generation;
  readonly limits?: Partial<ControlPlaneLimits>;
  readonly quirks?: Partial<Quirks>;
  readonly clock?: Clock;
  /** Where the planner may read; local files anywhere by default. */
  readonly store?: StoreSettings;
  /** Account of callers that name none, and of what they enqueue. */
  readonly accountId?: string;
  /** Storage authorities, whose credentials are vended to workers and read the tables to be planned; none by default. */
  readonly authorities?: readonly StorageAuthority[];
  /** How their credentials are made; by default their own keys, or STS. */
  readonly mint?: CredentialMint;
  /** Who resolves connectors' own credentials; by default their token endpoints, and STS. */
  readonly issuers?: CredentialIssuers;
  /** What catalogs are asked with when their tables are planned; by default their tables are refused. */
  readonly catalogs?: CatalogContext | undefined;
  /** Variables that connectors of catalogs refer to. */
  readonly secrets?: SecretLookup;
  /** Where inline workers write what is too large for a message (08 §7.1). */
  readonly sharedBlobs?: SharedBlobs | undefined;
  /** Who may call; everybody by default (02 §1.2, mode dev). */
  readonly authenticate?: Authenticator;
  readonly log?: ControlPlaneLog;
  /** False leaves finalizers and captures to be planned in the queue, for tests that look at them there. */
  readonly runExecutors?: boolean;
  /** Faults on purpose. */
  readonly intercept?: Interceptor;
  /** Chunked: awaited inside each lease scan, for tests of its limits. */
  readonly beforeScan?: () => Promise<void>;
  readonly newId?: () => string;
}

export interface ControlPlaneLog {
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

export interface ControlPlane {
  readonly host: string;
  readonly port: number;
  /** `http://host:port`. */
  readonly url: string;
  /** The inside, for tests and tools. */
  readonly context: ServiceContext;
  readonly store: Store;
  readonly engine: JobEngine;
  readonly maintenance: Maintenance;
  /** No new calls; running ones have `graceMs` to end. Then the store is closed. */
  close(graceMs?: number): Promise<void>;
}

export const DEFAULT_ACCOUNT_ID = "local";
const DEFAULT_GRACE_MS = 2000;

export async function createControlPlaneServer(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { generation, clock = systemClock, log } = options;
  const limits = controlPlaneLimits(generation, options.limits);
  const store = openJobStore({
    dataDir: options.dataDir,
    generation,
    clock,
    sharedBlobs: options.sharedBlobs,
  });
  const stopped = new AbortController();
  try {
    const changes = createChangeNotice();
    const storeSettings: StoreSettings = options.store ?? { local: { kind: "anywhere" } };
    const accountId = options.accountId ?? DEFAULT_ACCOUNT_ID;
    const newId = options.newId ?? randomUUID;
    const onDefect = (error: unknown, path: string) => log?.error({ err: error, path }, "defect in a call");
    const quirks = { ...DEFAULT_QUIRKS, ...options.quirks };
    const engine = createJobEngine({
      generation,
      limits,
      pagedScans: quirks.pagedScans && generation === "chunked",
      store,
      clock,
      newId,
      onChange: (job) => {
        changes.notify();
        // Only what the control plane itself has to do is worth a look.
        if (job.state === "queued" && job.pinnedExecutorId !== "") poke();
      },
      onEnded: (job) => settle(context, job),
    });
    const context: ServiceContext = {
      generation,
      limits,
      quirks,
      store,
      engine,
      clock,
      newId,
      authenticate:
        options.authenticate ?? developmentAuthenticator({ accountId, accountHeader: "x-floe-account" }),
      onDefect,
      authorities: options.authorities ?? [],
      mint: options.mint ?? mintCredentials(clock),
      issuers: options.issuers ?? credentialIssuers,
      catalogs: options.catalogs,
      secrets: options.secrets ?? (() => undefined),
    };
    const maintenance = createMaintenance(context, {
      runExecutors: options.runExecutors ?? true,
      store: storeSettings,
      signal: stopped.signal,
    });
    const looped = startLoop(maintenance, { clock, limits, log, stopped: stopped.signal });
    const poke = looped.poke;

    const messages = jobMessages(context, partialDecoder(generation));
    const services: Services = {
      context,
      messages,
      leases: leaseCalls(
        context,
        generation === "inline"
          ? unlimitedScans
          : limitedScans({ limits, clock, beforeScan: options.beforeScan }),
        maintenance,
      ),
      control: controlCalls(context, messages, changes),
      storage: storageCalls(context),
    };
    const { routes, files } = await loadRoutes(generation, services);
    const admin = adminService(context, {
      store: storeSettings,
      changes,
      poke,
    });
    const server = await startGrpcServer({
      ...options.listen,
      maxMessageBytes: limits.maxInboundMessageBytes,
      onDefect,
      intercept: options.intercept,
      routes: [
        ...routes,
        unary(Admin.method.enqueueTable, admin.enqueue),
        serverStream(Admin.method.watchTable, admin.watch),
        serverStream(Admin.method.readTableResult, admin.read),
        unary(Admin.method.retryCapture, admin.retry),
        ...reflectionRoutes(
          files,
          files.flatMap((file) => file.services.map((service) => service.typeName)),
          context.authenticate,
        ),
      ],
    });
    return {
      host: server.host,
      port: server.port,
      url: `http://${server.host.includes(":") ? `[${server.host}]` : server.host}:${server.port}`,
      context,
      store,
      engine,
      maintenance,
      async close(graceMs = DEFAULT_GRACE_MS) {
        await server.close(graceMs);
        stopped.abort();
        await looped.ended;
        store.close();
      },
    };
  } catch (error) {
    stopped.abort();
    store.close();
    throw error;
  }
}

/** The generated code of the other generation isn't loaded. */
async function loadRoutes(generation: Generation, services: Services): Promise<GenerationRoutes> {
  if (generation === "inline") return (await import("./routes/inline.ts")).inlineRoutes(services);
  return (await import("./routes/chunked.ts")).chunkedRoutes(services);
}

function partialDecoder(generation: Generation) {
  return (records: readonly Uint8Array[]) =>
    generation === "inline" ? [] : records.map((bytes) => fromBinary(TargetStatsRecordSchema, bytes));
}

/** Maintenance on its rhythm, and finalizers as soon as something has changed. All on the clock that was given. */
function startLoop(
  maintenance: Maintenance,
  options: {
    readonly clock: Clock;
    readonly limits: Pick<ControlPlaneLimits, "maintenanceTickMs">;
    readonly log: ControlPlaneLog | undefined;
    readonly stopped: AbortSignal;
  },
) {
  const { clock, limits, log, stopped } = options;
  const report = (error: unknown) => log?.error({ err: error }, "maintenance failed");
  let poked = false;
  const ended = (async () => {
    while (!stopped.aborted) {
      try {
        await clock.sleep(limits.maintenanceTickMs, stopped);
      } catch {
        return;
      }
      await maintenance.tick().catch(report);
    }
  })();
  return {
    ended,
    poke() {
      if (poked || stopped.aborted) return;
      poked = true;
      // After the transaction in which something changed.
      queueMicrotask(() => {
        poked = false;
        if (!stopped.aborted) maintenance.afterChange().catch(report);
      });
    },
  };
}
