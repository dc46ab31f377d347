import type { PageBounds } from "../../model/index.ts";
import { KEY_ORDER } from "../../wasm/index.ts";
import { DecodeError } from "../decode-error.ts";
import type { ChunkSpec } from "../engine.ts";
import { encodingName } from "../footer/names.ts";
import { type DictionaryPageHeader, ENCODING } from "../pages/page-header.ts";
import { byteBoundsOf, floatBoundsOf, integerBoundsOf } from "./bounds.ts";
import { hashItems } from "./items.ts";
import type { ValueLayout } from "./layout.ts";
import { check } from "./outcome.ts";
import type { PlainValues, Region } from "./region.ts";
import type { Session } from "./session.ts";
import { asText, fixedAsText } from "./text.ts";
import { plain } from "./to-plain.ts";

/**
 * A chunk's dictionary in the session's memory. A page's bounds are those of the entries that it uses, found by marks and keys
 * (`assembly/dictionary.ts`); the sketch gets every entry that some page used, once, when the chunk is done.
 */
export interface FastDictionary {
  /** Bounds of `present` > 0 values whose indices lie in the region; undefined if none were asked for. */
  foldPage(indices: Region, present: number): PageBounds | undefined;
  hashUsed(): void;
}

/** Marks of pages: 0 is unused, 1 used by pages whose numbers ran out. */
const FIRST_MARK = 2;
const LAST_MARK = 255;
/** A page that has this many times fewer values than the dictionary has entries is folded index by index. */
const SPARSE = 16;
const MIN_CAPACITY_BITS = 4;

export function openDictionary(
  session: Session,
  spec: ChunkSpec,
  layout: ValueLayout,
  header: DictionaryPageHeader,
  bytes: Region,
): FastDictionary {
  if (header.encoding !== ENCODING.plain && header.encoding !== ENCODING.plainDictionary) {
    throw new DecodeError(`Unsupported encoding for a dictionary page: ${encodingName(header.encoding)}`);
  }
  const { kernels, arena } = session;
  const count = header.valueCount;
  const shortest = layout.kind === "fixed" ? layout.width : 4;
  if (count * shortest > bytes.length) {
    throw new DecodeError(`dictionary of ${count} values in ${bytes.length} bytes`);
  }
  const stored = plain(layout, bytes, count);
  // Text is compared and hashed in its repaired form, decimals are compared as stored.
  const values = layout.kind === "bytes" && spec.bounds === "utf8" ? asText(session, stored) : stored;
  const addresses = addressesOf(session, layout, values);
  const keys =
    spec.bounds === undefined ? 0 : keysOf(session, layout, spec.bounds === "utf8", values, addresses);

  const capacityBits = Math.max(MIN_CAPACITY_BITS, Math.ceil(Math.log2(count)));
  const marks = arena.reserve(2 ** capacityBits);
  arena.bytes.fill(0, marks, marks + 2 ** capacityBits);
  // What the distinct values will need at the end of the chunk, when it is too late to wait for it.
  if (spec.distinct !== undefined) arena.checkRoom(roomForItems(layout, spec.bounds === "utf8", values));
  let mark = FIRST_MARK - 1;

  function nextMark(): number {
    mark++;
    if (mark > LAST_MARK) {
      kernels.ageMarks(marks, capacityBits);
      mark = FIRST_MARK;
    }
    return mark;
  }

  function foldPage({ address, length }: Region, present: number): PageBounds | undefined {
    if (length === 0) throw new DecodeError("the page ends before its dictionary indices");
    const bitWidth = arena.view.getUint8(address);
    if (bitWidth > 32) throw new DecodeError(`dictionary indices with bit width ${bitWidth}`);
    const what = "dictionary indices";
    const order =
      spec.bounds === "utf8"
        ? KEY_ORDER.text
        : layout.kind === "bytes" || layout.kind === "fixed"
          ? KEY_ORDER.decimal
          : KEY_ORDER.exact;
    const width = layout.kind === "fixed" ? layout.width : 0;
    if (spec.bounds !== undefined && present * SPARSE < count) {
      const indices = arena.reserve(4 * present);
      check(kernels.unpackIndices(address + 1, length - 1, bitWidth, present, indices), what);
      check(
        kernels.foldIndices(indices, present, marks, count, nextMark(), keys, addresses, order, width),
        what,
      );
      return entryBounds(session, spec, layout, values, addresses);
    }
    const current = nextMark();
    check(
      kernels.markIndices(address + 1, length - 1, bitWidth, present, marks, capacityBits, count, current),
      what,
    );
    if (spec.bounds === undefined) {
      check(kernels.checkMarks(marks, count, capacityBits, current), what);
      return undefined;
    }
    check(kernels.foldMarks(marks, count, capacityBits, current, keys, addresses, order, width), what);
    return entryBounds(session, spec, layout, values, addresses);
  }

  function hashUsed(): void {
    // Values of no bytes are empty text, which is no item.
    if (layout.kind === "fixed" && layout.width === 0) return;
    if (layout.kind === "bytes" || layout.kind === "fixed") {
      const texts =
        layout.kind === "bytes" ? asText(session, values) : fixedAsText(session, values, layout.width);
      const at = texts === values ? addresses : locate(session, texts);
      kernels.hashMarkedText(at, marks, count);
      return;
    }
    const used = arena.reserve(count * layout.width);
    const usedCount = kernels.gatherMarked(values.address, layout.width, marks, count, used);
    hashItems(session, spec.leaf, layout, {
      address: used,
      length: usedCount * layout.width,
      count: usedCount,
    });
  }

  return { foldPage, hashUsed };
}

/** Bytes that `hashUsed` takes at most. Text is stored as it is hashed. */
function roomForItems(layout: ValueLayout, isText: boolean, { length, count }: PlainValues): number {
  if (layout.kind === "bytes" || layout.kind === "fixed") return isText ? 0 : 3 * length + 8 * count + 256;
  return count * layout.width;
}

/** Address of each value of a byte-array dictionary; behind its length, where it has one. */
function addressesOf(session: Session, layout: ValueLayout, values: PlainValues): number {
  if (layout.kind === "bytes") return locate(session, values);
  if (layout.kind !== "fixed") return 0;
  const { arena } = session;
  const addresses = arena.reserve(4 * values.count);
  for (let index = 0; index < values.count; index++) {
    arena.view.setUint32(addresses + 4 * index, values.address + index * layout.width, true);
  }
  return addresses;
}

function locate({ kernels, arena }: Session, { address, length, count }: PlainValues): number {
  const addresses = arena.reserve(4 * count);
  check(kernels.locate(address, length, count, addresses), "dictionary");
  return addresses;
}

function keysOf(
  { kernels, arena }: Session,
  layout: ValueLayout,
  isText: boolean,
  { address, count }: PlainValues,
  addresses: number,
): number {
  const keys = arena.reserve(8 * count);
  switch (layout.kind) {
    case "i32":
      kernels.keysI32(address, count, keys);
      return keys;
    case "i64":
      kernels.keysI64(address, count, keys);
      return keys;
    case "f32":
      kernels.keysF32(address, count, keys);
      return keys;
    case "f64":
      kernels.keysF64(address, count, keys);
      return keys;
    case "bytes":
      if (isText) kernels.keysText(addresses, count, keys);
      else kernels.keysDecimal(addresses, count, 0, keys);
      return keys;
    case "fixed":
      kernels.keysDecimal(addresses, count, layout.width, keys);
      return keys;
  }
}

/** The bounds of the page folded last: its results are indices of entries. */
function entryBounds(
  { arena, resultAt }: Session,
  { bounds }: ChunkSpec,
  layout: ValueLayout,
  values: PlainValues,
  addresses: number,
): PageBounds | undefined {
  if (bounds === undefined) return undefined;
  const { view } = arena;
  const min = view.getUint32(resultAt, true);
  const max = view.getUint32(resultAt + 4, true);
  const { address } = values;
  switch (layout.kind) {
    case "i32": {
      const valueAt = (index: number) => BigInt(view.getInt32(address + 4 * index, true));
      return integerBoundsOf(bounds, valueAt(min), valueAt(max));
    }
    case "i64": {
      const valueAt = (index: number) => view.getBigInt64(address + 8 * index, true);
      return integerBoundsOf(bounds, valueAt(min), valueAt(max));
    }
    case "f32":
      return poisoned(
        bounds,
        view.getFloat32(address + 4 * min, true),
        view.getFloat32(address + 4 * max, true),
      );
    case "f64":
      return poisoned(
        bounds,
        view.getFloat64(address + 8 * min, true),
        view.getFloat64(address + 8 * max, true),
      );
    case "bytes":
    case "fixed": {
      const valueAt = (index: number) => {
        const at = view.getUint32(addresses + 4 * index, true);
        const length = layout.kind === "fixed" ? layout.width : view.getUint32(at - 4, true);
        return arena.bytes.subarray(at, at + length);
      };
      return byteBoundsOf(bounds, valueAt(min), valueAt(max));
    }
  }
}

/** NaN sorts above all keys, so a NaN among the values is the maximum; it is the minimum as well (06 §3.6). */
function poisoned(bounds: NonNullable<ChunkSpec["bounds"]>, min: number, max: number): PageBounds {
  return floatBoundsOf(bounds, Number.isNaN(max) ? max : min, max);
}
