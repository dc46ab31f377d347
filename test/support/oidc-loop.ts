/**
 * A worker, a control plane that takes tokens of a real identity provider alone, and that provider: all over sockets, on the
 * machine's clock. The capture is made up and lasts for as long as the test wants.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAdmin } from "../../src/control-plane/client.ts";
import {
  type ControlPlane,
  createControlPlaneServer,
  oidcAuthenticator,
} from "../../src/control-plane/index.ts";
import { openHttp } from "../../src/http/index.ts";
import { type FileGroup, type Generation, systemClock } from "../../src/model/index.ts";
import { connectControlPlane, oidcTokens } from "../../src/protocol/index.ts";
import {
  type CapturedGroup,
  DEFAULT_WORKER_SETTINGS,
  startWorker,
  type WorkerEvent,
} from "../../src/worker/index.ts";
import { aFileRecord } from "./file-groups.ts";
import { type IdentityProvider, startIdentityProvider } from "./identity-provider.ts";
import { DEMO_TABLE } from "./run-cli.ts";

export const CLIENT = { clientId: "worker", clientSecret: "worker-secret" };
export const AUDIENCE = "floecat-reconciler-worker";
export const LEASE_MS = 3000;

export interface OidcLoop extends AsyncDisposable {
  readonly provider: IdentityProvider;
  readonly controlPlane: ControlPlane;
  readonly events: readonly WorkerEvent[];
  /** The first event of this type, whether it was there already or is yet to come. */
  event<Type extends WorkerEvent["type"]>(type: Type): Promise<Extract<WorkerEvent, { type: Type }>>;
  /** Lets the capture end, now or once it has begun. */
  finishCapture(): void;
  /** Enqueues a table of one group, as an operator with a token of the same provider. */
  enqueue(): Promise<void>;
  startWorker(): Promise<void>;
}

export interface OidcLoopOptions {
  readonly generation: Generation;
  readonly lifetimeSeconds?: number;
  /** Whom the provider issues tokens for. */
  readonly audience?: string;
}

export async function startOidcLoop(options: OidcLoopOptions): Promise<OidcLoop> {
  const stack = new AsyncDisposableStack();
  const provider = stack.use(
    await startIdentityProvider({
      ...CLIENT,
      audience: options.audience ?? AUDIENCE,
      lifetimeSeconds: options.lifetimeSeconds ?? 60,
      claims: { account_id: "local", roles: ["reconcile-worker"] },
    }),
  );
  const dataDir = await mkdtemp(join(tmpdir(), "oidc-loop-"));
  stack.defer(() => rm(dataDir, { recursive: true, force: true }));
  const controlPlane = await createControlPlaneServer({
    listen: { host: "127.0.0.1", port: 0 },
    dataDir,
    generation: options.generation,
    limits: { leaseMs: LEASE_MS },
    authenticate: oidcAuthenticator({
      issuer: provider.issuer,
      audience: AUDIENCE,
      authorizationHeader: "authorization",
      clock: systemClock,
    }),
  });
  stack.defer(() => controlPlane.close(0));

  const events: WorkerEvent[] = [];
  const watchers = new Set<() => void>();
  const end = new AbortController();
  let finishCapture = () => {};
  const finished = new Promise<void>((resolve) => (finishCapture = resolve));

  async function capture(group: FileGroup, { signal }: { signal: AbortSignal }): Promise<CapturedGroup> {
    await new Promise<void>((resolve, reject) => {
      void finished.then(resolve);
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    const { tableId, snapshotId } = group;
    return {
      statsRecords: group.filePaths.map((path) => ({ ...aFileRecord(path), tableId, snapshotId })),
      artifacts: [],
    };
  }

  const tokenSource = () =>
    oidcTokens({
      ...CLIENT,
      http: openHttp(),
      issuer: provider.issuer,
      refreshSkewMs: 30_000,
      timeoutMs: 10_000,
    });

  return {
    provider,
    controlPlane,
    events,
    finishCapture: () => finishCapture(),
    event(type) {
      return new Promise((resolve) => {
        const look = () => {
          const found = events.find((event) => isOf(event, type));
          if (found === undefined || !isOf(found, type)) return;
          watchers.delete(look);
          resolve(found);
        };
        watchers.add(look);
        look();
      });
    },
    async enqueue() {
      const tokens = tokenSource();
      const headers = async (signal: AbortSignal) => ({
        authorization: (await tokens.authorization("", signal)) ?? "",
      });
      const admin = connectAdmin(controlPlane.url, { headers });
      await admin.enqueue({ tableUri: DEMO_TABLE, outputs: ["file"] }, { signal: end.signal });
    },
    async startWorker() {
      const connection = await connectControlPlane(
        { url: controlPlane.url, tokens: tokenSource() },
        { signal: end.signal, timeoutMs: 10_000 },
      );
      stack.defer(() => connection.close());
      const worker = startWorker({
        controlPlane: connection.controlPlane,
        capture: { capture },
        clock: systemClock,
        random: () => 0.5,
        settings: { ...DEFAULT_WORKER_SETTINGS, instanceId: "worker-1", leaseMs: LEASE_MS, drainGraceMs: 0 },
        onEvent(event) {
          events.push(event);
          for (const look of watchers) look();
        },
        drain: end.signal,
        hurry: end.signal,
      });
      stack.defer(async () => {
        end.abort();
        await worker.ended;
      });
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function isOf<Type extends WorkerEvent["type"]>(
  event: WorkerEvent,
  type: Type,
): event is Extract<WorkerEvent, { type: Type }> {
  return event.type === type;
}
