import type { Transport } from "@connectrpc/connect";
import type { CallOptions, ControlPlaneCall } from "../port.ts";
import type { ResultBlobs } from "../result-blobs.ts";
import type { WorkerCaller } from "./invoke.ts";

/** What an adapter of any generation is made of. */
export interface AdapterOptions {
  readonly transport: Transport;
  readonly call: WorkerCaller;
  /** Largest request that the server takes; a setting, since no server tells (01 §10.3). */
  readonly maxRequestBytes: number;
  readonly onConfirmedServer: OnConfirmedServer;
  /** Runs a submission on a connection that has room for it, confirmed likewise. */
  readonly submitOver: SubmitOver;
  /** Inline: where results go that one message can't take; undefined: nowhere. */
  readonly blobs?: ResultBlobs | undefined;
}

export type SubmitOver = <Answer>(
  options: CallOptions,
  run: (transport: Transport) => Promise<Answer>,
) => Promise<Answer>;

/** Runs a call that another generation would misread, only on a server that was seen to speak the adapter's (01 §11.2). */
export type OnConfirmedServer = <Answer>(
  call: ControlPlaneCall,
  options: CallOptions,
  run: () => Promise<Answer>,
) => Promise<Answer>;
