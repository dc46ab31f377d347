import {
  type ByteRange,
  FileReplacedError,
  TransientReadError,
  UnreadableFileError,
} from "../../model/index.ts";
import type { ObjectEnd, ObjectHandle, OpenOptions } from "../object-store.ts";
import type { ReadAheadMemory } from "./read-ahead-memory.ts";
import { createReadPlan, type ReadPlan } from "./read-plan.ts";
import { type RetryOptions, withRetries } from "./retry.ts";
import { BrokenBodyError } from "./transport.ts";

/**
 * An object behind HTTP as an open handle, the same for every remote store. Opening it is one request for its end, which tells
 * size and identity and brings the footer along; every later range goes out with that identity, so that an object replaced
 * meanwhile is an error and not a mixture (decision 23). A body that breaks off is taken up where it stopped.
 */
export interface RemoteObject {
  readonly path: string;
  /** One try of one ranged request. Rejects with the store's errors by type. */
  readonly get: (range: RequestedRange, signal: AbortSignal) => Promise<RangeAnswer>;
  /** The store can answer for "the last n bytes". */
  readonly suffixRanges: boolean;
  /** Shared by the files of a thread. */
  readonly ahead: ReadAheadMemory;
}

export interface RequestedRange {
  /** From here on; negative: so many bytes before the end. */
  readonly from: number;
  /** Undefined with a negative `from`: to the end. */
  readonly length: number | undefined;
  /** The identity that the object must still have. */
  readonly ifMatch: string | undefined;
}

export interface RangeAnswer {
  readonly etag: string | undefined;
  /** Of the whole object. */
  readonly size: number;
  readonly from: number;
  readonly length: number;
  readInto(target: Uint8Array): Promise<number>;
  drop(): void;
}

/** As much as a reader of Parquet footers asks for first. */
export const TAIL_BYTES = 64 * 1024;
/** A body that breaks off again and again is given up, unless so much more of it has come each time. */
const PROGRESS_BYTES = 64 * 1024;

export async function openRemoteObject(
  object: RemoteObject,
  retry: Omit<RetryOptions, "signal">,
  { signal, known }: OpenOptions,
): Promise<ObjectHandle> {
  const { path } = object;
  let requests = 0;
  let bytes = 0;
  const counted: RemoteObject["get"] = (range, requestSignal) => {
    requests++;
    return object.get(range, requestSignal);
  };

  const { size, etag, bytes: tail } = known ?? (await withRetries(() => openOnce(), { ...retry, signal }));
  const tailFrom = size - tail.length;
  if (known === undefined) bytes += tail.length;
  let closed = false;
  let plan: ReadPlan | undefined;

  function willRead(ranges: readonly ByteRange[]): void {
    plan ??= createReadPlan(
      (offset, target, planSignal) => fetchInto(offset, target, { signal: planSignal }),
      object.ahead,
    );
    plan.add(
      ranges.flatMap(({ offset, length }) => {
        const end = Math.min(offset + length, tailFrom);
        return end > offset ? [{ offset, length: end - offset }] : [];
      }),
    );
  }

  async function openOnce(): Promise<ObjectEnd> {
    const wanted: RequestedRange = object.suffixRanges
      ? { from: -TAIL_BYTES, length: undefined, ifMatch: undefined }
      : { from: 0, length: TAIL_BYTES, ifMatch: undefined };
    const answer = await counted(wanted, signal);
    if (isEnd(answer)) return await readEnd(answer);
    answer.drop();
    // The range is no end, but it says where the end is: some servers read "the last n bytes" as "the first".
    const { size, etag } = answer;
    const length = Math.min(size, TAIL_BYTES);
    const end = await counted({ from: size - length, length, ifMatch: etag }, signal);
    if (end.size === size && isEnd(end)) return await readEnd(end);
    end.drop();
    throw wrongRange(path, { from: size - length, length }, end);
  }

  async function readEnd(answer: RangeAnswer): Promise<ObjectEnd> {
    const end = new Uint8Array(answer.length);
    const read = await answer.readInto(end);
    if (read < end.length) throw truncated(path, read, end.length);
    return { size: answer.size, etag: answer.etag, bytes: end };
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
    options: { readonly signal: AbortSignal },
  ): Promise<void> {
    options.signal.throwIfAborted();
    checkRange(offset, target.length);
    const fromTail = Math.max(offset, tailFrom);
    const end = offset + target.length;
    if (fromTail < end) target.set(tail.subarray(fromTail - tailFrom, end - tailFrom), fromTail - offset);
    if (offset >= tailFrom) return;
    const head = target.subarray(0, Math.min(end, tailFrom) - offset);
    await (plan === undefined
      ? fetchInto(offset, head, options)
      : plan.readInto(offset, head, options.signal));
  }

  async function fetchInto(
    offset: number,
    target: Uint8Array,
    options: { readonly signal: AbortSignal },
  ): Promise<void> {
    let filled = 0;
    await withRetries(
      async (progress) => {
        const wanted = { from: offset + filled, length: target.length - filled, ifMatch: etag };
        const answer = await counted(wanted, options.signal);
        try {
          checkAnswer(wanted, answer);
        } catch (error) {
          answer.drop();
          throw error;
        }
        const before = filled;
        try {
          filled += await answer.readInto(target.subarray(filled));
        } catch (error) {
          if (error instanceof BrokenBodyError) filled += error.bytesRead;
          throw error;
        } finally {
          bytes += filled - before;
          progress.made = filled - before >= PROGRESS_BYTES;
        }
        if (filled < target.length) throw truncated(path, filled, target.length);
      },
      { ...retry, signal: options.signal },
    );
  }

  function checkAnswer(wanted: { from: number; length: number }, answer: RangeAnswer): void {
    if (answer.size !== size || (answer.etag !== undefined && answer.etag !== etag)) {
      throw replaced(path, wanted.from);
    }
    if (answer.from !== wanted.from || answer.length !== wanted.length)
      throw wrongRange(path, wanted, answer);
  }

  async function read(
    offset: number,
    length: number,
    options: { readonly signal: AbortSignal },
  ): Promise<Uint8Array> {
    checkRange(offset, length);
    const target = new Uint8Array(length);
    await readInto(offset, target, options);
    return target;
  }

  async function close(): Promise<void> {
    closed = true;
    plan?.close();
  }

  return {
    path,
    size,
    etag,
    read,
    readInto,
    willRead,
    cost: () => ({ requests, bytes }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

export function replaced(path: string, offset: number | undefined): FileReplacedError {
  return new FileReplacedError("was replaced while it was being read", { file: path, offset });
}

function truncated(path: string, read: number, wanted: number): TransientReadError {
  return new TransientReadError(`${path}: the answer ended after ${read} of ${wanted} bytes`);
}

function isEnd({ from, length, size }: RangeAnswer): boolean {
  return from + length === size && length <= TAIL_BYTES;
}

function wrongRange(
  path: string,
  wanted: { readonly from: number; readonly length: number },
  answer: RangeAnswer,
): TransientReadError {
  return new TransientReadError(
    `${path}: ${wanted.length} bytes from ${wanted.from} were asked for, ${answer.length} from ${answer.from} of ${answer.size} were sent`,
  );
}
