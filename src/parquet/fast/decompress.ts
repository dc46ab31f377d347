import { OUTCOME } from "../../wasm/index.ts";
import { decompress } from "../codec/index.ts";
import { DecodeError } from "../decode-error.ts";
import type { Codec } from "../metadata.ts";
import { free } from "../pages/buffers.ts";
import { check } from "./outcome.ts";
import type { Region } from "./region.ts";
import type { Session } from "./session.ts";

/**
 * Page bodies into a session's memory (06 §3.5, decision 27): Snappy and LZ4 by kernels, the others by node:zlib. The output has
 * exactly the announced size; memory for it is taken only if the input can hold that much.
 */
export function decompressInto(
  session: Session,
  codec: Codec,
  input: Uint8Array,
  outputLength: number,
  releaseInput?: () => void,
): Region {
  switch (codec) {
    case "SNAPPY":
      return kernelOutput(session, "snappy", input, outputLength, releaseInput);
    case "LZ4_RAW":
      return kernelOutput(session, "lz4Block", input, outputLength, releaseInput);
    case "LZ4":
      return lz4Output(session, input, outputLength);
    case "UNCOMPRESSED":
      return { address: session.arena.place(input), length: input.length };
    default: {
      const output = decompress(codec, input, outputLength);
      releaseInput?.();
      const address = session.arena.place(output);
      freeOwn(output);
      return { address, length: outputLength };
    }
  }
}

/** Outputs of zlib have their memory for themselves, unless they are so small that Node took it from its pool. */
function freeOwn(output: Uint8Array): void {
  if (output.buffer.byteLength > Buffer.poolSize) free(output);
}

type BlockKernel = "snappy" | "lz4Block";

/** No input can grow by more: Snappy's densest element makes 64 bytes of 3, a byte of an LZ4 length 255. */
const MAX_RATIO: Readonly<Record<BlockKernel, number>> = { snappy: 22, lz4Block: 255 };
const NAMES: Readonly<Record<BlockKernel, string>> = { snappy: "snappy data", lz4Block: "lz4 data" };

function kernelOutput(
  session: Session,
  kernel: BlockKernel,
  input: Uint8Array,
  length: number,
  releaseInput: (() => void) | undefined,
): Region {
  const { arena, kernels } = session;
  const inputLength = input.length;
  checkRatio(kernel, inputLength, length);
  if (releaseInput !== undefined) {
    // Large: the input is copied first and freed, so that it is never there twice beside the output.
    const source = arena.place(input);
    releaseInput();
    const address = arena.reserve(length);
    check(kernels[kernel](source, inputLength, address, length), NAMES[kernel]);
    return { address, length };
  }
  const address = arena.reserve(length);
  const source = arena.place(input);
  check(kernels[kernel](source, input.length, address, length), NAMES[kernel]);
  arena.release(source);
  return { address, length };
}

function checkRatio(kernel: BlockKernel, inputLength: number, outputLength: number): void {
  if (outputLength > inputLength * MAX_RATIO[kernel]) {
    throw new DecodeError(`${NAMES[kernel]} of ${inputLength} bytes can't hold ${outputLength} bytes`);
  }
}

/** Hadoop's framing where the data has its shape, one bare block otherwise: older files hold either under the same name. */
function lz4Output(session: Session, input: Uint8Array, outputLength: number): Region {
  const { arena, kernels } = session;
  checkRatio("lz4Block", input.length, outputLength);
  const address = arena.reserve(outputLength);
  const source = arena.place(input);
  if (!decodeHadoopFrames(session, source, input.length, address, outputLength)) {
    check(kernels.lz4Block(source, input.length, address, outputLength), "lz4 data (not Hadoop-framed)");
  }
  arena.release(source);
  return { address, length: outputLength };
}

/**
 * Frames of: decompressed length, then blocks of (compressed length, data) until that length is reached; big-endian. How
 * much a block of several gives isn't written down, so such frames go through the decoder that can tell.
 */
function decodeHadoopFrames(
  { arena, kernels }: Session,
  source: number,
  length: number,
  address: number,
  outputLength: number,
): boolean {
  const { view } = arena;
  let from = 0;
  let to = 0;
  while (from < length) {
    if (from + 8 > length) return false;
    const frameLength = view.getUint32(source + from);
    const blockLength = view.getUint32(source + from + 4);
    from += 8;
    if (frameLength > outputLength - to || blockLength > length - from) return false;
    const outcome = kernels.lz4Block(source + from, blockLength, address + to, frameLength);
    if (outcome !== OUTCOME.ok) return decodeElsewhere();
    from += blockLength;
    to += frameLength;
  }
  return to === outputLength;

  function decodeElsewhere(): boolean {
    const input = arena.bytes.subarray(source, source + length);
    arena.bytes.set(decompress("LZ4", input, outputLength), address);
    return true;
  }
}
