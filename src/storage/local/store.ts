import { constants } from "node:fs";
import { FileReplacedError, SourceMissingError, UnreadableFileError } from "../../model/index.ts";
import type { ObjectHandle, ObjectStore } from "../object-store.ts";
import { fileSystemError } from "./errors.ts";
import { type FileAccess, openInBackground, openInPlace } from "./file-access.ts";
import { listFolder } from "./list.ts";
import { resolveBelow, toFileSystemPath } from "./paths.ts";

export interface LocalStoreOptions {
  /** Only files whose real path lies in this folder are read; undefined: any file (decision 38). */
  readonly root?: string | undefined;
  /** From the caller's path to the path in the file system; by default `file://` and absolute paths. */
  readonly toFileSystem?: (path: string) => string;
  /** Small reads are made in the calling thread, which stands still meanwhile: for threads that do nothing but read. */
  readonly inPlace?: boolean | undefined;
}

/** Local files as an object store: ranged reads on one descriptor a file. */
export function localStore(options: LocalStoreOptions = {}): ObjectStore {
  const { root, toFileSystem = toFileSystemPath } = options;
  const open = options.inPlace ? openInPlace : openInBackground;

  /** Resolved first and then opened without following a link, so that a link can't lead out of the root. */
  const allowed = async (path: string, named: string) =>
    root === undefined ? path : await resolveBelow(root, path, named);

  async function existsAllowed(folder: string, named: string): Promise<boolean> {
    try {
      await allowed(folder, named);
      return true;
    } catch (error) {
      if (error instanceof SourceMissingError) return false;
      throw error;
    }
  }

  return {
    async open(path, { signal }) {
      signal.throwIfAborted();
      const real = await allowed(toFileSystem(path), path);
      // Without O_NONBLOCK a named pipe would make the open wait for a writer.
      const noFollow = root === undefined ? 0 : constants.O_NOFOLLOW;
      const flags = constants.O_RDONLY | constants.O_NONBLOCK | noFollow;
      const file = await open(real, flags).catch((error: unknown) => {
        throw fileSystemError(error, path, "open");
      });
      try {
        return await openHandle(file, path, options.inPlace ?? false);
      } catch (error) {
        await file.close();
        throw error;
      }
    },
    async *list(prefix, { recursive, startAfter, signal }) {
      signal.throwIfAborted();
      const folder = withSlash(toFileSystem(prefix));
      if (!(await existsAllowed(folder, prefix))) return;
      yield* listFolder({
        folder,
        prefix: withSlash(prefix),
        recursive,
        startAfter,
        checkLink: async (realPath, named) => {
          await allowed(realPath, named);
        },
        signal,
      });
    },
  };
}

function withSlash(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}

async function openHandle(file: FileAccess, path: string, readsInPlace: boolean): Promise<ObjectHandle> {
  const info = await file.stat();
  if (!info.isFile()) throw new UnreadableFileError("is not a regular file", { file: path });
  const size = Number(info.size);
  const etag = identity(info);
  let closed = false;

  async function read(offset: number, length: number, options: { signal: AbortSignal }): Promise<Uint8Array> {
    checkRange(offset, length);
    const bytes = new Uint8Array(length);
    await readInto(offset, bytes, options);
    return bytes;
  }

  function checkRange(offset: number, length: number): void {
    if (closed) throw new Error(`${path} was read after it had been closed`);
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
      throw new RangeError(`${path}: a read of ${length} bytes at ${offset} makes no sense`);
    }
    if (offset + length > size) {
      throw new UnreadableFileError(
        `${length} bytes were asked for, but the file ends after ${size} bytes: it is cut short or damaged`,
        { file: path, offset },
      );
    }
  }

  async function readInto(
    offset: number,
    target: Uint8Array,
    { signal }: { signal: AbortSignal },
  ): Promise<void> {
    signal.throwIfAborted();
    const { length } = target;
    checkRange(offset, length);
    let filled = 0;
    try {
      while (filled < length) {
        const bytesRead = await file.read(filled === 0 ? target : target.subarray(filled), offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
    } catch (error) {
      throw fileSystemError(error, path, "read");
    }
    signal.throwIfAborted();
    // A file replaced by renaming stays readable through the descriptor; one rewritten in place shows here.
    if (filled < length || identity(await file.stat()) !== etag) {
      throw new FileReplacedError("was changed while it was being read", { file: path, offset });
    }
  }

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    await file.close();
  }

  return { path, size, readsInPlace, etag, read, readInto, close, [Symbol.asyncDispose]: close };
}

function identity(info: { dev: bigint; ino: bigint; size: bigint; mtimeNs: bigint }): string {
  return `${info.dev}-${info.ino}-${info.size}-${info.mtimeNs}`;
}
