import { damage } from "../harness/bytes.ts";
import { oddInteger, type Random } from "../harness/random.ts";
import { type ListNode, nodesOf, type StructNode, type ThriftNode } from "./thrift-tree.ts";

/** One change of one node of a Thrift structure: a footer or a page header. */
export function damageTree(random: Random, root: StructNode, numbers: readonly bigint[]): void {
  const nodes = nodesOf(root);
  const integers = nodes.filter((node) => node.kind === "int");
  // Most of what matters is a number: counts, sizes, offsets, types, codecs, encodings, levels.
  if (random.chance(0.6) && integers.length > 0) {
    const node = random.pick(integers);
    const others = [...numbers, ...integers.slice(0, 64).map(({ value }) => value)];
    node.value = oddInteger(random, node.value, others);
    return;
  }
  damageNode(random, random.pick(nodes), Math.floor(MAX_NODES / nodes.length));
}

/** A footer is large enough with so many: copies of copies would make gigabytes. */
const MAX_NODES = 50_000;

function damageNode(random: Random, node: ThriftNode, maxCopies: number): void {
  switch (node.kind) {
    case "bool":
      node.value = !node.value;
      return;
    case "int":
      if (random.chance(0.5)) node.type = random.pick([4, 5, 6]);
      else node.value = oddInteger(random, node.value, []);
      return;
    case "raw":
      node.bytes = random.bytes(node.bytes.length);
      return;
    case "binary":
      damageBinary(random, node);
      return;
    case "list":
      damageList(random, node, maxCopies);
      return;
    case "struct":
      damageStruct(random, node);
  }
}

function damageBinary(random: Random, node: ThriftNode & { kind: "binary" }): void {
  switch (random.below(5)) {
    case 0:
      node.length = random.pick([0, 1, node.bytes.length + 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32]);
      return;
    case 1:
      node.bytes = new Uint8Array(0);
      return;
    case 2:
      node.bytes = random.bytes(random.pick([1, 8, 300]));
      return;
    default:
      node.bytes = damage(random, node.bytes, node.bytes);
  }
}

function damageList(random: Random, node: ListNode, maxCopies: number): void {
  const { items } = node;
  const at = random.below(items.length);
  switch (random.below(7)) {
    case 0:
      items.splice(at, 1);
      return;
    case 1:
      if (items.length > 0) items.splice(random.below(items.length), 0, items[at]!);
      return;
    case 2:
      if (items.length > 1) items.push(...items.splice(at, 1));
      return;
    case 3:
      node.count = random.pick([
        0,
        items.length - 1,
        items.length + 1,
        15,
        1000,
        2 ** 31 - 1,
        2 ** 31,
        2 ** 32,
      ]);
      if (node.count < 0) node.count = 0;
      return;
    case 4:
      node.itemType = random.below(16);
      return;
    case 5:
      if (items.length > 0)
        items.push(
          ...Array.from({ length: Math.min(maxCopies, random.pick([2, 20, 200])) }, () => items[at]!),
        );
      return;
    default:
      items.length = 0;
  }
}

function damageStruct(random: Random, node: StructNode): void {
  const { fields } = node;
  if (fields.length === 0) {
    fields.push({
      id: 1 + random.below(12),
      node: { kind: "int", type: 5, value: BigInt(random.below(20)) },
    });
    return;
  }
  const at = random.below(fields.length);
  const field = fields[at]!;
  switch (random.below(6)) {
    case 0:
    case 1:
      fields.splice(at, 1);
      return;
    case 2:
      field.id = random.pick([0, -1, 1 + random.below(12), field.id + 1, 32_767]);
      return;
    case 3:
      field.type = random.below(16);
      return;
    case 4:
      fields.splice(at, 0, { ...field });
      return;
    default:
      // An unknown field that is nested deeper than readers should follow.
      fields.push({ id: 100, node: nested(random.pick([3, 31, 33, 500])) });
  }
}

function nested(depth: number): ThriftNode {
  let node: ThriftNode = { kind: "struct", fields: [] };
  for (let level = 0; level < depth; level++) node = { kind: "list", itemType: 12, items: [wrap(node)] };
  return node;
}

function wrap(node: ThriftNode): ThriftNode {
  return { kind: "struct", fields: [{ id: 1, node }] };
}
