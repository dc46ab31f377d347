import type { Generation } from "./generation.ts";
import type { CapturePolicy } from "./policy.ts";
import type { ResourceId } from "./resource.ts";

export type ConnectorKind = "unspecified" | "iceberg" | "delta" | "glue" | "unity";

/** The upstream table's connector as a lease delivers it: options merged with resolved secrets (01 §7, 08 §2). */
export interface SourceConnector {
  readonly resourceId: ResourceId | undefined;
  readonly kind: ConnectorKind;
  readonly uri: string;
  /** Options and resolved credentials: secrets in plain text, never to be logged. */
  readonly properties: Readonly<Record<string, string>>;
  readonly auth: {
    readonly scheme: string;
    readonly properties: Readonly<Record<string, string>>;
    readonly headerHints: Readonly<Record<string, string>>;
  };
}

/** One file group to capture: what remains of a leased payload once no protobuf type is left (01 §4.5, 03 §8). */
export interface FileGroup {
  readonly generation: Generation;
  readonly planId: string;
  readonly groupId: string;
  readonly tableId: ResourceId;
  /** Signed 64-bit; −1 stands for "no snapshot" (01 §0 fact 4). */
  readonly snapshotId: bigint;
  readonly sourceNamespace: string;
  readonly sourceTable: string;
  readonly connector: SourceConnector;
  /** Paths in plan order, trimmed and non-blank, exactly as planned otherwise. */
  readonly filePaths: readonly string[];
  readonly policy: CapturePolicy;
  /** Storage root for credential lookup, `""` when unknown; chunked only. */
  readonly storageLocation: string;
  readonly fullRescan: boolean;
}
