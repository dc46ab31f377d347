import { concat, varint } from "../../support/parquet-encodings.ts";

/**
 * Thrift's compact protocol as a tree that can be changed and written again, lies included. Apart from the product's own reader
 * and writer, which know fields and refuse lies.
 */
export type ThriftNode = BoolNode | IntNode | RawNode | BinaryNode | ListNode | StructNode;

export interface BoolNode {
  readonly kind: "bool";
  value: boolean;
}
/** `i16`, `i32` or `i64`. */
export interface IntNode {
  readonly kind: "int";
  type: number;
  value: bigint;
}
/** A byte or a double. */
export interface RawNode {
  readonly kind: "raw";
  readonly type: number;
  bytes: Uint8Array;
}
export interface BinaryNode {
  readonly kind: "binary";
  bytes: Uint8Array;
  /** In place of the true length. */
  length?: number;
}
export interface ListNode {
  readonly kind: "list";
  itemType: number;
  items: ThriftNode[];
  /** In place of the true count. */
  count?: number;
}
export interface StructNode {
  readonly kind: "struct";
  fields: ThriftFieldNode[];
}
export interface ThriftFieldNode {
  id: number;
  node: ThriftNode;
  /** In place of the type that the node has. */
  type?: number;
}

const TYPE = { true: 1, false: 2, byte: 3, i64: 6, double: 7, binary: 8, list: 9, set: 10, struct: 12 };

/** Reads a well-formed struct; throws on anything else, maps included (Parquet has none). */
export function parseThrift(bytes: Uint8Array, start = 0): { node: StructNode; end: number } {
  let offset = start;

  function byte(): number {
    const found = bytes[offset++];
    if (found === undefined) throw new Error("the struct is cut short");
    return found;
  }
  function take(length: number): Uint8Array {
    if (length > bytes.length - offset) throw new Error("the struct is cut short");
    offset += length;
    return bytes.slice(offset - length, offset);
  }
  function unsigned(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const next = byte();
      value |= BigInt(next & 0x7f) << shift;
      if (next < 0x80) return value;
    }
    throw new Error("a varint is too long");
  }
  function zigzag(): bigint {
    const value = unsigned();
    return (value >> 1n) ^ -(value & 1n);
  }
  function struct(): StructNode {
    const fields: ThriftFieldNode[] = [];
    for (let id = 0; ; ) {
      const header = byte();
      const type = header & 0x0f;
      if (type === 0) return { kind: "struct", fields };
      id = header >> 4 === 0 ? Number(zigzag()) : id + (header >> 4);
      const isBool = type === TYPE.true || type === TYPE.false;
      fields.push({ id, node: isBool ? { kind: "bool", value: type === TYPE.true } : value(type) });
    }
  }
  function value(type: number): ThriftNode {
    switch (type) {
      case TYPE.true:
      case TYPE.false:
        return { kind: "bool", value: byte() === 1 };
      case TYPE.byte:
        return { kind: "raw", type, bytes: take(1) };
      case TYPE.double:
        return { kind: "raw", type, bytes: take(8) };
      case TYPE.binary:
        return { kind: "binary", bytes: take(Number(unsigned())) };
      case TYPE.struct:
        return struct();
      case TYPE.list:
      case TYPE.set: {
        const header = byte();
        const count = header >> 4 === 15 ? Number(unsigned()) : header >> 4;
        if (count > bytes.length) throw new Error("a list is too long");
        const itemType = header & 0x0f;
        return { kind: "list", itemType, items: Array.from({ length: count }, () => value(itemType)) };
      }
      case 4:
      case 5:
      case TYPE.i64:
        return { kind: "int", type, value: zigzag() };
      default:
        throw new Error(`thrift type ${type}`);
    }
  }

  const node = struct();
  return { node, end: offset };
}

export function encodeThrift(node: ThriftNode): Uint8Array {
  const parts: Uint8Array[] = [];
  put(node, parts);
  return concat(parts);
}

function put(node: ThriftNode, parts: Uint8Array[]): void {
  switch (node.kind) {
    case "bool":
      parts.push(Uint8Array.of(node.value ? TYPE.true : TYPE.false));
      return;
    case "int":
      parts.push(zigzagVarint(node.value));
      return;
    case "raw":
      parts.push(node.bytes);
      return;
    case "binary":
      parts.push(varint(node.length ?? node.bytes.length), node.bytes);
      return;
    case "list": {
      const count = node.count ?? node.items.length;
      if (count < 15) parts.push(Uint8Array.of((count << 4) | node.itemType));
      else parts.push(Uint8Array.of(0xf0 | node.itemType), varint(count));
      for (const item of node.items) put(item, parts);
      return;
    }
    case "struct": {
      let previous = 0;
      for (const field of node.fields) {
        const type = field.type ?? typeOf(field.node);
        const step = field.id - previous;
        if (step >= 1 && step <= 15) parts.push(Uint8Array.of((step << 4) | type));
        else parts.push(Uint8Array.of(type), zigzagVarint(BigInt(field.id)));
        previous = field.id;
        if (field.node.kind !== "bool") put(field.node, parts);
      }
      parts.push(Uint8Array.of(0));
    }
  }
}

function typeOf(node: ThriftNode): number {
  switch (node.kind) {
    case "bool":
      return node.value ? TYPE.true : TYPE.false;
    case "int":
    case "raw":
      return node.type;
    case "binary":
      return TYPE.binary;
    case "list":
      return TYPE.list;
    case "struct":
      return TYPE.struct;
  }
}

function zigzagVarint(value: bigint): Uint8Array {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  const bytes: number[] = [];
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.of(...bytes, Number(rest));
}

export function fieldOf(node: ThriftNode | undefined, id: number): ThriftNode | undefined {
  return node?.kind === "struct" ? node.fields.find((field) => field.id === id)?.node : undefined;
}

export function integerAt(node: ThriftNode | undefined, id: number): number | undefined {
  const found = fieldOf(node, id);
  return found?.kind === "int" ? Number(found.value) : undefined;
}

/** Sets an integer field that is there. */
export function setInteger(node: ThriftNode | undefined, id: number, value: number): void {
  const found = fieldOf(node, id);
  if (found?.kind === "int") found.value = BigInt(value);
}

export function itemsOf(node: ThriftNode | undefined): readonly ThriftNode[] {
  return node?.kind === "list" ? node.items : [];
}

/** Every node of a tree, the tree itself first. */
export function nodesOf(root: ThriftNode): ThriftNode[] {
  const nodes: ThriftNode[] = [root];
  for (let next = 0; next < nodes.length; next++) {
    const node = nodes[next]!;
    if (node.kind === "list") nodes.push(...node.items);
    else if (node.kind === "struct") nodes.push(...node.fields.map((field) => field.node));
  }
  return nodes;
}
