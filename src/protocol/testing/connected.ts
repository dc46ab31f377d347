/** A raw server and an adapter that is connected to it; both are closed when the test ends. */
import type { SecureServerOptions } from "node:http2";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterEach } from "vitest";
import type { Generation } from "../../model/index.ts";
import { connectControlPlane } from "../connect.ts";
import type { CallOptions, ControlPlane, Lease } from "../port.ts";
import type { ControlPlaneConnection, ControlPlaneSettings } from "../settings.ts";
import { type RawHandler, type RawServer, startRawServer } from "./raw-grpc-server.ts";

export const EXECUTOR_CONTROL = "/ai.floedb.floecat.reconciler.ReconcileExecutorControl";
export const STORAGE_AUTHORITIES = "/ai.floedb.floecat.storage.StorageAuthorities";

export const options: CallOptions = { signal: new AbortController().signal, timeoutMs: 10_000 };
export const lease: Lease = { jobId: "job-1", leaseEpoch: "lease-1", accountId: "acct-1" };
export const tableId = { accountId: "acct", id: "table-1", kind: 4 } as const;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Handlers by path. */
export async function serve(
  handlers: Readonly<Record<string, RawHandler>>,
  tls?: SecureServerOptions,
): Promise<RawServer> {
  const server = await startRawServer(handlers, tls);
  cleanUps.push(() => server.close());
  return server;
}

export async function connect(
  server: RawServer,
  settings: Omit<ControlPlaneSettings, "url">,
): Promise<ControlPlaneConnection> {
  const connection = await connectControlPlane({ url: server.url, ...settings }, options);
  cleanUps.push(() => connection.close());
  return connection;
}

/** A server with handlers by method name, and an adapter for a generation that is configured. */
export async function adapter(
  generation: Generation,
  handlers: Readonly<Record<string, RawHandler>>,
  settings: Omit<ControlPlaneSettings, "url"> = {},
): Promise<{ server: RawServer; controlPlane: ControlPlane }> {
  const byPath = Object.entries(handlers).map(([method, handler]) => [
    `${EXECUTOR_CONTROL}/${method}`,
    handler,
  ]);
  const server = await serve(Object.fromEntries(byPath));
  const { controlPlane } = await connect(server, { generation, ...settings });
  return { server, controlPlane };
}

/** A handler that always answers this message. */
export function answer<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): RawHandler {
  return () => ({ message: toBinary(schema, create(schema, init)) });
}
