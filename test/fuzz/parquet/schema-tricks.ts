import type { Random } from "../harness/random.ts";
import { fieldOf, integerAt, type ListNode, type StructNode, type ThriftNode } from "./thrift-tree.ts";

/** What a single changed number doesn't reach: schemas of another shape, and chunks that share their bytes. */

export interface FooterParts {
  readonly footer: StructNode;
  readonly schema: ListNode;
  readonly rowGroups: ListNode;
}

type Trick = (random: Random, parts: FooterParts) => void;

const FIELD = { type: 1, typeLength: 2, repetition: 3, name: 4, childCount: 5, converted: 6, logical: 10 };

export function schemaOf(footer: StructNode): FooterParts {
  const schema = fieldOf(footer, 2);
  const rowGroups = fieldOf(footer, 4);
  return {
    footer,
    schema: schema?.kind === "list" ? schema : { kind: "list", itemType: 12, items: [] },
    rowGroups: rowGroups?.kind === "list" ? rowGroups : { kind: "list", itemType: 12, items: [] },
  };
}

export const wholeFileTricks: readonly Trick[] = [
  changeElement,
  changeElement,
  changeElement,
  changeElement,
  nestSchema,
  shareChunk,
  repeatRowGroups,
  changeAnnotation,
  changeAnnotation,
];

/** Another type, type length, repetition, number of children or converted type; chunks and schema then differ, or don't. */
function changeElement(random: Random, { schema, rowGroups }: FooterParts): void {
  const at = random.below(schema.items.length);
  const element = schema.items[at];
  if (element === undefined) return;
  const id = random.pick([FIELD.type, FIELD.typeLength, FIELD.repetition, FIELD.childCount, FIELD.converted]);
  const value =
    id === FIELD.typeLength ? random.pick([0, 1, 3, 16, 17, 40, 2 ** 31 - 1, -1]) : random.below(23);
  if (id !== FIELD.type) {
    putInteger(element, id, value);
    return;
  }
  const type = random.below(8);
  putInteger(element, id, type);
  if (type === 7 && random.chance(0.8))
    putInteger(element, FIELD.typeLength, random.pick([1, 2, 4, 8, 12, 16, 20]));
  // The chunks that belong to a flat schema's element, so that the types agree.
  for (const rowGroup of rowGroups.items) {
    const chunks = fieldOf(rowGroup, 1);
    const metadata = fieldOf(chunks?.kind === "list" ? chunks.items[at - 1] : undefined, 3);
    if (metadata !== undefined) putInteger(metadata, 1, type);
  }
}

function changeAnnotation(random: Random, { schema }: FooterParts): void {
  const element = schema.items[random.below(schema.items.length)];
  if (element?.kind !== "struct") return;
  const member = 1 + random.below(18);
  const field = (id: number, value: number): { id: number; node: ThriftNode } => ({
    id,
    node: { kind: "int", type: 5, value: BigInt(value) },
  });
  const fields = random.chance(0.5)
    ? []
    : [field(1, random.pick([0, 2, 5, -1])), field(2, random.pick([9, 18, 38, 76, 0]))];
  put(element, FIELD.logical, {
    kind: "struct",
    fields: [{ id: member, node: { kind: "struct", fields } }],
  });
  if (random.chance(0.5)) {
    putInteger(element, FIELD.converted, 5);
    putInteger(element, 7, random.pick([0, 2, 5, 40]));
    putInteger(element, 8, random.pick([1, 5, 9, 18, 38, 76, 100]));
  }
}

/** Puts a leaf, or everything, below a chain of groups. */
function nestSchema(random: Random, { schema }: FooterParts): void {
  if (schema.items.length < 2) return;
  const depth = random.pick([1, 2, 30, 200, 5000]);
  const groups = Array.from({ length: depth }, (): ThriftNode => group(random.below(3)));
  schema.items.splice(schema.items.length - 1, 0, ...groups);
}

function group(repetition: number): StructNode {
  return {
    kind: "struct",
    fields: [
      { id: FIELD.repetition, node: { kind: "int", type: 5, value: BigInt(repetition) } },
      { id: FIELD.name, node: { kind: "binary", bytes: Uint8Array.of(103) } },
      { id: FIELD.childCount, node: { kind: "int", type: 5, value: 1n } },
    ],
  };
}

/** One chunk's place and counts for another: ranges that overlap or are the same. */
function shareChunk(random: Random, { rowGroups }: FooterParts): void {
  const all = rowGroups.items.flatMap((rowGroup) => {
    const chunks = fieldOf(rowGroup, 1);
    return chunks?.kind === "list" ? chunks.items : [];
  });
  if (all.length === 0) return;
  const from = fieldOf(random.pick(all), 3);
  const to = fieldOf(random.pick(all), 3);
  if (from === undefined || to === undefined) return;
  for (const id of random.chance(0.5) ? [4, 5, 7, 9, 11] : [random.pick([5, 7, 9, 11])]) {
    const value = integerAt(from, id);
    if (value !== undefined && Number.isSafeInteger(value)) putInteger(to, id, value);
  }
}

function repeatRowGroups(random: Random, { rowGroups }: FooterParts): void {
  const [first] = rowGroups.items;
  if (first?.kind !== "struct") return;
  const copies = random.pick([1, 3, 40]);
  for (let i = 0; i < copies; i++)
    rowGroups.items.push({ kind: "struct", fields: first.fields.map((field) => ({ ...field })) });
}

function putInteger(node: ThriftNode, id: number, value: number): void {
  put(node, id, { kind: "int", type: id >= 5 && isMetadata(node) ? 6 : 5, value: BigInt(value) });
}

/** `ColumnMetaData` has 64-bit fields where `SchemaElement` has 32-bit ones. */
function isMetadata(node: ThriftNode): boolean {
  return fieldOf(node, 9)?.kind === "int" && fieldOf(node, 3)?.kind === "list";
}

function put(node: ThriftNode, id: number, value: ThriftNode): void {
  if (node.kind !== "struct") return;
  const found = node.fields.find((field) => field.id === id);
  if (found !== undefined) {
    found.node = value;
    return;
  }
  const next = node.fields.findIndex((field) => field.id > id);
  node.fields.splice(next < 0 ? node.fields.length : next, 0, { id, node: value });
}
