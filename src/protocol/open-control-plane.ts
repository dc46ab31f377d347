/**
 * Connects to a control plane: opens the transport, finds out which generation is spoken, and makes the adapter for it
 * (01 §11.2). Loaded when it is first used, since the RPC libraries take long to start.
 */
import type { Transport } from "@connectrpc/connect";
import type { Generation } from "../model/index.ts";
import type { AdapterOptions, OnConfirmedServer } from "./calls/adapter.ts";
import { CallFailedError, type Credentials, workerCaller } from "./calls/invoke.ts";
import { confirmation } from "./confirmation.ts";
import { detectServer, type ServerProfile, type VendingMethod } from "./detect/detect.ts";
import { ReflectionUnavailableError } from "./detect/errors.ts";
import { probeGeneration } from "./detect/probes.ts";
import { type Connection, openConnection } from "./grpc/connection.ts";
import { reflectionOf } from "./grpc/reflection.ts";
import { type CallOptions, type ControlPlane, ControlPlaneError, controlPlaneErrorKind } from "./port.ts";
import type { ControlPlaneConnection, ControlPlaneSettings, JobControlConnection } from "./settings.ts";
import { type Lane, type SubmissionLanes, submissionLanes } from "./submission-lanes.ts";
import { noToken } from "./token.ts";
import type { CredentialVending } from "./vending.ts";

/** Largest request by default (01 §10.3); operators may have raised the first. */
const MAX_REQUEST_BYTES: Readonly<Record<Generation, number>> = { inline: 262_144, chunked: 67_108_864 };
const MAX_RECEIVE_BYTES = 67_108_864;
const KEEP_ALIVE_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 10_000;

export async function openControlPlane(
  settings: ControlPlaneSettings,
  options: CallOptions,
): Promise<ControlPlaneConnection> {
  const credentials = credentialsOf(settings);
  const connection = connectionOf(settings);
  let lanes: SubmissionLanes | undefined;
  try {
    const server =
      settings.generation === undefined
        ? await findServer(connection.transport, credentials, options)
        : configured(settings.generation);
    const withheld = server.generation === "chunked" && settings.authRequired === false;
    const workerCredentials = withheld ? { ...credentials, tokens: noToken } : credentials;
    const laneOf = (opened: Connection): Lane => ({
      transport: opened.transport,
      onConfirmedServer:
        server.foundBy === "setting"
          ? trusted
          : confirmation(
              opened,
              server,
              (callOptions) => findServer(opened.transport, credentials, callOptions),
              settings.onGenerationChange,
            ),
      close: () => opened.close(),
    });
    const first = laneOf(connection);
    lanes = submissionLanes(first, () => laneOf(connectionOf(settings)));
    const adapterOptions = {
      transport: connection.transport,
      call: workerCaller(server.generation, workerCredentials),
      maxRequestBytes: settings.maxRequestBytes ?? MAX_REQUEST_BYTES[server.generation],
      blobs: settings.blobs,
      onConfirmedServer: first.onConfirmedServer,
      submitOver: lanes.submitOver,
    };
    return {
      controlPlane: await adapterOf(server, adapterOptions),
      vending: await vendingOf(server.vending, connection, workerCredentials),
      foundBy: server.foundBy,
      absentFields: server.absentFields,
      close() {
        lanes?.close();
        connection.close();
      },
    };
  } catch (error) {
    connection.close();
    throw error instanceof CallFailedError ? unreachable(settings.url, error) : error;
  }
}

interface FoundServer extends ServerProfile {
  readonly foundBy: ControlPlaneConnection["foundBy"];
}

/** By reflection, else by probes (01 §11.3). */
async function findServer(
  transport: Transport,
  credentials: Credentials,
  options: CallOptions,
): Promise<FoundServer> {
  try {
    const profile = await detectServer(reflectionOf(transport, credentials, options));
    return { ...profile, foundBy: "reflection" };
  } catch (error) {
    if (!(error instanceof ReflectionUnavailableError)) throw error;
    return { ...configured(await probedGeneration(error)), foundBy: "probes" };
  }

  async function probedGeneration(unavailable: ReflectionUnavailableError): Promise<Generation> {
    const { probeCalls } = await import("./chunked/probe-calls.ts");
    try {
      return await probeGeneration(probeCalls(transport, credentials, options));
    } catch (error) {
      if (!(error instanceof ReflectionUnavailableError)) throw error;
      throw new ReflectionUnavailableError(`${unavailable.reason}, and ${error.reason}`);
    }
  }
}

/** Job control needs no detection: see `JobControl`. */
export async function openJobControl(settings: ControlPlaneSettings): Promise<JobControlConnection> {
  const connection = connectionOf(settings);
  const { jobControl } = await import("./chunked/job-control.ts");
  return {
    jobs: jobControl(connection.transport, credentialsOf(settings)),
    close: () => connection.close(),
  };
}

function credentialsOf(settings: ControlPlaneSettings): Credentials {
  const tokenHeader = (settings.tokenHeader ?? "authorization").trim().toLowerCase();
  return { tokens: tokenHeader === "" ? noToken : (settings.tokens ?? noToken), tokenHeader };
}

function connectionOf(settings: ControlPlaneSettings): Connection {
  return openConnection({
    url: settings.url,
    maxReceiveBytes: settings.maxReceiveBytes ?? MAX_RECEIVE_BYTES,
    keepAliveMs: settings.keepAliveMs ?? KEEP_ALIVE_MS,
    keepAliveTimeoutMs: settings.keepAliveTimeoutMs ?? KEEP_ALIVE_TIMEOUT_MS,
    keepAliveWithoutCalls: settings.keepAliveWithoutCalls,
    tls: settings.tls,
  });
}

/** For a configured generation there is nothing to compare a new connection with. */
const trusted: OnConfirmedServer = (_call, _options, run) => run();

/** Without descriptors the methods are those that the generation has (01 §2.3). */
function configured(generation: Generation): FoundServer {
  const vending = generation === "inline" ? "by-account-location" : "by-lease";
  return { generation, vending, absentFields: [], foundBy: "setting" };
}

function unreachable(url: string, { status, cause }: CallFailedError): ControlPlaneError {
  const message = `control plane ${url} can't be asked what it speaks: ${status.message}`;
  const kind = controlPlaneErrorKind("leaseReconcileJob", status, "chunked");
  return new ControlPlaneError(kind, "leaseReconcileJob", { ...status, message }, { cause });
}

async function adapterOf(server: FoundServer, options: AdapterOptions): Promise<ControlPlane> {
  if (server.generation === "inline")
    return (await import("./inline/adapter.ts")).inlineControlPlane(options);
  const chunked = (await import("./chunked/adapter.ts")).chunkedControlPlane(options);
  // Unseen, it may be of the revisions in which a success doesn't end the job: see `probeGeneration`.
  return server.foundBy === "probes" ? { ...chunked, successEndsJob: false } : chunked;
}

async function vendingOf(
  method: VendingMethod | undefined,
  { transport }: Connection,
  credentials: Credentials,
): Promise<CredentialVending | undefined> {
  switch (method) {
    case "by-account-location":
      return (await import("./inline/vending.ts")).inlineVending(transport, credentials);
    case "by-lease":
      return (await import("./chunked/vending.ts")).chunkedVending(transport, credentials);
    case undefined:
      return undefined;
  }
}
