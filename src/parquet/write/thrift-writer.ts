import { type ByteBuffer, putByte, putBytes, putVarint } from "./byte-buffer.ts";

/**
 * Thrift's compact protocol, the writing half, as far as Parquet needs it. A structure is given as the list of its fields in
 * ascending id, so that the callers read like parquet.thrift; a field whose value is undefined is left out.
 */
export type ThriftValue =
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "byte" | "i16" | "i32"; readonly value: number }
  | { readonly type: "i64"; readonly value: bigint }
  | { readonly type: "binary"; readonly value: Uint8Array }
  | { readonly type: "struct"; readonly fields: readonly ThriftField[] }
  | { readonly type: "list"; readonly itemType: ListItemType; readonly items: readonly ThriftValue[] };

export type ThriftField = readonly [id: number, value: ThriftValue | undefined];

type ListItemType = "i32" | "binary" | "struct";

const WIRE_TYPE = { byte: 3, i16: 4, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;
const BOOL_TRUE = 1;
const BOOL_FALSE = 2;
const STOP = 0;
/** List sizes from here on follow the header as a varint. */
const LONG_LIST = 15;
/** Field ids may step by at most this much in the short form of a field header. */
const MAX_ID_STEP = 15;

const utf8 = new TextEncoder();

export const i32 = (value: number): ThriftValue => ({ type: "i32", value });
export const i64 = (value: number | bigint): ThriftValue => ({ type: "i64", value: BigInt(value) });
export const text = (value: string): ThriftValue => ({ type: "binary", value: utf8.encode(value) });
export const struct = (...fields: readonly ThriftField[]): ThriftValue => ({ type: "struct", fields });
export const list = (itemType: ListItemType, items: readonly ThriftValue[]): ThriftValue => ({
  type: "list",
  itemType,
  items,
});

/** Writes a value without a field header: a top-level structure, or an element of a list. */
export function putThrift(buffer: ByteBuffer, thrift: ThriftValue): void {
  switch (thrift.type) {
    case "bool":
      putByte(buffer, thrift.value ? BOOL_TRUE : BOOL_FALSE);
      return;
    case "byte":
      putByte(buffer, thrift.value);
      return;
    case "i16":
    case "i32":
      putVarint(buffer, (thrift.value << 1) ^ (thrift.value >> 31));
      return;
    case "i64":
      putZigzag64(buffer, thrift.value);
      return;
    case "binary":
      putVarint(buffer, thrift.value.length);
      putBytes(buffer, thrift.value);
      return;
    case "list":
      putList(buffer, thrift.itemType, thrift.items);
      return;
    case "struct":
      putFields(buffer, thrift.fields);
      return;
  }
}

function putFields(buffer: ByteBuffer, fields: readonly ThriftField[]): void {
  let previousId = 0;
  for (const [id, value] of fields) {
    if (value === undefined) continue;
    const step = id - previousId;
    if (step < 1 || step > MAX_ID_STEP)
      throw new RangeError(`Thrift field ${id} follows field ${previousId}`);
    previousId = id;
    if (value.type === "bool") {
      putByte(buffer, (step << 4) | (value.value ? BOOL_TRUE : BOOL_FALSE));
    } else {
      putByte(buffer, (step << 4) | WIRE_TYPE[value.type]);
      putThrift(buffer, value);
    }
  }
  putByte(buffer, STOP);
}

function putList(buffer: ByteBuffer, itemType: ListItemType, items: readonly ThriftValue[]): void {
  const itemWireType = WIRE_TYPE[itemType];
  if (items.length < LONG_LIST) {
    putByte(buffer, (items.length << 4) | itemWireType);
  } else {
    putByte(buffer, (LONG_LIST << 4) | itemWireType);
    putVarint(buffer, items.length);
  }
  for (const item of items) putThrift(buffer, item);
}

function putZigzag64(buffer: ByteBuffer, value: bigint): void {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  while (rest > 0x7fn) {
    putByte(buffer, Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  putByte(buffer, Number(rest));
}
