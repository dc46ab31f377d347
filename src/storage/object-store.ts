import type { ByteSource } from "../model/index.ts";

/**
 * The port behind which every store stands: local files, S3 and the others. Offsets and lengths are bytes.
 * Errors: `SourceMissingError`, `AccessDeniedError`, `TransientReadError` of `model/`.
 */
export interface ObjectStore {
  /** Opens one object: its size and identity are known afterwards, its bytes are read by range. */
  open(path: string, options: OpenOptions): Promise<ObjectHandle>;
  /**
   * Objects whose path begins with `prefix` (a folder path ending in `/`), in UTF-8 byte order of their path. `recursive`
   * false lists direct children only.
   */
  list(
    prefix: string,
    options: { readonly recursive: boolean; readonly startAfter?: string; readonly signal: AbortSignal },
  ): AsyncIterable<ObjectInfo>;
}

export interface OpenOptions {
  readonly signal: AbortSignal;
  /** What was read of the object a moment ago: a store to which opening costs a request goes on from there. */
  readonly known?: ObjectEnd | undefined;
}

/** The last bytes of an object, with what identifies it. */
export interface ObjectEnd {
  readonly size: number;
  readonly etag: string | undefined;
  readonly bytes: Uint8Array;
}

export interface ObjectInfo {
  /** Full path in the same form as the prefix asked for. */
  readonly path: string;
  readonly size: number;
  readonly lastModifiedMs: number;
}

/** An open object. Close it when done; reading after `close` throws. */
export interface ObjectHandle extends ByteSource, AsyncDisposable {
  /** Identity of the bytes, so that a file replaced while being read is noticed; undefined where a store has none. */
  readonly etag: string | undefined;
  /** What was asked of the store for it so far, opening included; absent where reads are as good as free. */
  cost?(): { readonly requests: number; readonly bytes: number };
  close(): Promise<void>;
}
