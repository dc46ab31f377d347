import type { Generation } from "../model/index.ts";
import type { JobControl } from "./job-control.ts";
import type { ControlPlane } from "./port.ts";
import type { ResultBlobs } from "./result-blobs.ts";
import type { TokenSource } from "./token.ts";
import type { CredentialVending } from "./vending.ts";

/** How a control plane is reached. Only the address is needed. */
export interface ControlPlaneSettings {
  /** `http://host:port` (plain text) or `https://host:port`. */
  readonly url: string;
  /** Skips detection, for servers without reflection. A wrong one corrupts results: the messages are misread (01 §0). */
  readonly generation?: Generation | undefined;
  /**
   * Called once when the server behind the connection has become another one (01 §11.2 step 6): upgraded in place, say. The
   * connection sends no lease and no result any more; what runs can be handed back, then connect anew.
   */
  readonly onGenerationChange?: ((change: GenerationChange) => void) | undefined;
  readonly tokens?: TokenSource | undefined;
  /** `false`: a chunked control plane gets no token though there is one; an inline one does (08 §1.4). True by default. */
  readonly authRequired?: boolean | undefined;
  /** Header that carries the token; `authorization` by default, `""` for none at all (08 §1.2). */
  readonly tokenHeader?: string | undefined;
  /** Largest request that the server takes: 262,144 bytes by default in inline, 64 MiB in chunked (01 §10.3). */
  readonly maxRequestBytes?: number | undefined;
  /** The blob store that an inline control plane shares with its workers, for results that one message can't take (08 §7). */
  readonly blobs?: ResultBlobs | undefined;
  /** Largest answer that is read; 64 MiB by default. */
  readonly maxReceiveBytes?: number | undefined;
  /** How often a connection with open calls is checked; 30 s by default (01 §10.2). */
  readonly keepAliveMs?: number | undefined;
  /** 10 s by default. */
  readonly keepAliveTimeoutMs?: number | undefined;
  /** Whether a connection without open calls is checked too; false by default. */
  readonly keepAliveWithoutCalls?: boolean | undefined;
  /** For `https:` addresses. */
  readonly tls?: TlsSettings | undefined;
}

export interface GenerationChange {
  readonly from: Generation;
  /** Undefined: something that isn't supported. */
  readonly to: Generation | undefined;
  readonly reason: string;
}

/** PEM texts. */
export interface TlsSettings {
  /** Authorities that may sign the server's certificate; by default Node's roots and the system's. */
  readonly ca?: string | undefined;
  /** Our certificate with its chain, and its private key. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** Name that the server's certificate must carry; by default the host of the address. */
  readonly serverName?: string | undefined;
}

export interface ControlPlaneConnection {
  readonly controlPlane: ControlPlane;
  /** Undefined: the server has no method that hands out storage credentials. */
  readonly vending: CredentialVending | undefined;
  /** How the generation was found out. */
  readonly foundBy: "setting" | "reflection" | "probes";
  /** Fields that the server hasn't and that nothing depends on; known by reflection only. */
  readonly absentFields: readonly string[];
  close(): void;
}

export interface JobControlConnection {
  readonly jobs: JobControl;
  close(): void;
}
