import { DecodeError } from "../decode-error.ts";
import { encodingName } from "../footer/names.ts";
import type { SchemaLeaf } from "../metadata.ts";
import { ENCODING } from "../pages/page-header.ts";
import type { ValueLayout } from "./layout.ts";
import { check } from "./outcome.ts";
import type { PlainValues, Region } from "./region.ts";
import type { Session } from "./session.ts";

/**
 * Value encodings of 06 §3.5 rewritten as PLAIN in the session's memory, so that bounds and items are computed in one way.
 * Booleans never come here. `announced` is the page's number of values, nulls included: no stream may hold more.
 */
export function toPlain(
  session: Session,
  leaf: SchemaLeaf,
  layout: ValueLayout,
  encoding: number,
  stream: Region,
  count: number,
  announced: number,
): PlainValues {
  switch (encoding) {
    case ENCODING.plain:
      return plain(layout, stream, count);
    case ENCODING.deltaBinaryPacked:
      if (layout.kind !== "i32" && layout.kind !== "i64") {
        throw new DecodeError("Encoding DELTA_BINARY_PACKED is only supported for type INT32 and INT64");
      }
      return fromDelta(session, layout.width, stream, count, announced);
    case ENCODING.deltaLengthByteArray:
      if (layout.kind !== "bytes") {
        throw new DecodeError("Encoding DELTA_LENGTH_BYTE_ARRAY is only supported for type BINARY");
      }
      return fromLengths(session, stream, count, announced);
    case ENCODING.deltaByteArray:
      if (layout.kind !== "bytes" && layout.kind !== "fixed") {
        throw new DecodeError(
          "Encoding DELTA_BYTE_ARRAY is only supported for type BINARY and FIXED_LEN_BYTE_ARRAY",
        );
      }
      return fromPrefixes(
        session,
        layout.kind === "fixed" ? layout.width : undefined,
        stream,
        count,
        announced,
      );
    case ENCODING.byteStreamSplit:
      if (layout.kind === "bytes") {
        throw new DecodeError(`no byte stream split reader for type ${leaf.physicalType}`);
      }
      return fromStreams(session, layout.width, stream, count);
    case ENCODING.rle:
      throw new DecodeError(`Unsupported encoding for values: RLE for type ${leaf.physicalType}`);
    default:
      throw new DecodeError(`Unsupported encoding for values: ${encodingName(encoding)}`);
  }
}

/** Fixed-width values must be there; byte arrays are checked as they are walked. */
export function plain(layout: ValueLayout, stream: Region, count: number): PlainValues {
  if (layout.kind === "bytes") return { ...stream, count };
  if (count * layout.width > stream.length) {
    throw new DecodeError(`${count} values of ${layout.width} bytes where ${stream.length} bytes are left`);
  }
  return { address: stream.address, length: count * layout.width, count };
}

function fromDelta(
  { kernels, arena }: Session,
  width: 4 | 8,
  stream: Region,
  count: number,
  announced: number,
): PlainValues {
  checkTotal(kernels.deltaCount(stream.address, stream.length), announced);
  const length = count * width;
  const address = arena.reserve(length);
  const wide = width === 8 ? 1 : 0;
  check(kernels.deltaDecode(stream.address, stream.length, count, address, wide, 0), "delta encoding");
  return { address, length, count };
}

function checkTotal(outcome: number, announced: number): number {
  const total = check(outcome, "delta encoding");
  if (total > announced) {
    throw new DecodeError(`delta encoding announces ${total} values in a page of ${announced}`);
  }
  return total;
}

/** A stream of lengths: where they are now, and what follows the stream. */
function lengths({ kernels, arena }: Session, stream: Region, count: number, announced: number) {
  checkTotal(kernels.deltaCount(stream.address, stream.length), announced);
  const address = arena.reserve(4 * count);
  const used = check(
    kernels.deltaDecode(stream.address, stream.length, count, address, 0, 1),
    "delta encoding of lengths",
  );
  const sum = kernels.sumLengths(address, count);
  if (sum < 0n) throw new DecodeError("a byte array has a negative length");
  return { address, sum, rest: { address: stream.address + used, length: stream.length - used } };
}

function fromLengths(session: Session, stream: Region, count: number, announced: number): PlainValues {
  const { kernels, arena } = session;
  const { address, sum, rest } = lengths(session, stream, count, announced);
  if (sum > BigInt(rest.length)) {
    throw new DecodeError(`byte arrays of ${sum} bytes where ${rest.length} are left`);
  }
  const output = arena.reserve(4 * count + Number(sum));
  const written = check(
    kernels.joinLengths(address, count, rest.address, rest.length, output),
    "byte arrays by length",
  );
  return { address: output, length: written, count };
}

/** Lengths of shared prefixes, then the suffixes by length. What they expand to is known before it is written. */
function fromPrefixes(
  session: Session,
  fixedWidth: number | undefined,
  stream: Region,
  count: number,
  announced: number,
): PlainValues {
  const { kernels, arena } = session;
  const prefixes = lengths(session, stream, count, announced);
  const suffixes = lengths(session, prefixes.rest, count, announced);
  if (suffixes.sum > BigInt(suffixes.rest.length)) {
    throw new DecodeError(`suffixes of ${suffixes.sum} bytes where ${suffixes.rest.length} are left`);
  }
  // Room for a length before each value, also where none is written: a capacity, not a size.
  const capacity = 4 * count + Number(prefixes.sum + suffixes.sum) + 4;
  const output = arena.reserve(capacity);
  const written = check(
    kernels.joinPrefixes(
      prefixes.address,
      suffixes.address,
      count,
      suffixes.rest.address,
      suffixes.rest.length,
      output,
      capacity,
      fixedWidth ?? VARIABLE_WIDTH,
    ),
    "byte arrays by prefix",
  );
  return { address: output, length: written, count };
}

/** `width` of `joinPrefixes` for byte arrays: fixed-length values of no bytes don't need prefixes. */
const VARIABLE_WIDTH = 0;

function fromStreams(session: Session, width: number, stream: Region, count: number): PlainValues {
  const stride = stream.length / width;
  if (!Number.isInteger(stride)) {
    throw new DecodeError(`byte stream split of ${stream.length} bytes for values of ${width} bytes`);
  }
  if (count > stride)
    throw new DecodeError(`byte stream split of ${stride} values where ${count} are announced`);
  const length = count * width;
  const address = session.arena.reserve(length);
  session.kernels.joinStreams(stream.address, count, stride, width, address);
  return { address, length, count };
}
