import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { GrpcStatusError } from "./status.ts";

/**
 * Length-prefixed messages of gRPC: one byte that says whether the message is compressed, four bytes of length, the message.
 * The limit is checked on the announced length, before anything is kept (01 §10.3: the prefix doesn't count, a message of
 * exactly the limit passes).
 */
export interface FrameOptions {
  readonly maxMessageBytes: number;
  /** `grpc-encoding` of the request. */
  readonly encoding: string;
}

const PREFIX_BYTES = 5;

export async function* readFrames(
  body: AsyncIterable<Uint8Array>,
  options: FrameOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let needed = PREFIX_BYTES;
  let compressed: boolean | undefined;
  for await (const part of body) {
    pending.push(part);
    pendingBytes += part.length;
    while (pendingBytes >= needed) {
      const joined = pending.length === 1 && pending[0] !== undefined ? pending[0] : Buffer.concat(pending);
      const taken = joined.subarray(0, needed);
      pending = joined.length === needed ? [] : [joined.subarray(needed)];
      pendingBytes = joined.length - needed;
      if (compressed === undefined) {
        compressed = taken[0] === 1;
        needed = announcedLength(taken, options.maxMessageBytes);
      } else {
        // Copied, since the transport's buffers are reused and decoded messages keep views into theirs.
        yield compressed ? await decompress(taken, options) : Uint8Array.from(taken);
        compressed = undefined;
        needed = PREFIX_BYTES;
      }
    }
  }
  if (pendingBytes > 0 || compressed !== undefined) {
    throw new GrpcStatusError("INTERNAL", "the request ended in the middle of a message");
  }
}

function announcedLength(prefix: Uint8Array, maxMessageBytes: number): number {
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES).getUint32(1);
  if (length > maxMessageBytes) throw new GrpcStatusError("RESOURCE_EXHAUSTED");
  return length;
}

const gunzipAsync = promisify(gunzip);

async function decompress(message: Uint8Array, options: FrameOptions): Promise<Uint8Array> {
  if (options.encoding !== "gzip") {
    throw new GrpcStatusError("UNIMPLEMENTED", `message encoding ${options.encoding} is not supported`);
  }
  try {
    return await gunzipAsync(message, { maxOutputLength: options.maxMessageBytes });
  } catch (error) {
    if (error instanceof RangeError) throw new GrpcStatusError("RESOURCE_EXHAUSTED");
    throw new GrpcStatusError("INTERNAL", "a compressed message can't be read");
  }
}

export function writeFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(PREFIX_BYTES + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, PREFIX_BYTES);
  return frame;
}
