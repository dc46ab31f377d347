import type { ParquetSchema, SchemaLeaf, SchemaNode } from "../metadata.ts";

/** The node at a path below `node`: by exact names, then without regard to case. */
export function findNode(node: SchemaNode, path: readonly string[]): SchemaNode | undefined {
  let found: SchemaNode | undefined = node;
  for (const name of path) {
    found = found && findChild(found, name);
  }
  return found;
}

export function findChild(node: SchemaNode, name: string): SchemaNode | undefined {
  return (
    node.children.find((child) => child.name === name) ??
    node.children.find((child) => child.name.toLowerCase() === name.toLowerCase())
  );
}

/** The leaf that a node is; undefined for a group. */
export function leafOf(schema: ParquetSchema, node: SchemaNode | undefined): SchemaLeaf | undefined {
  return node?.leafIndex === undefined ? undefined : schema.leaves[node.leafIndex];
}

/** Key and value of a MAP group: the two children of its repeated child, whatever they are called. */
export function mapEntryNodes(
  map: SchemaNode | undefined,
): { readonly key: SchemaNode; readonly value: SchemaNode | undefined } | undefined {
  const [entries] = map?.children ?? [];
  const [key, value] = entries?.children ?? [];
  return entries?.repetition === "REPEATED" && key !== undefined ? { key, value } : undefined;
}

/** Element of a LIST group: the child of its repeated child, or the repeated child itself in the two-level form. */
export function listElementNode(list: SchemaNode | undefined): SchemaNode | undefined {
  const [repeated] = list?.children ?? [];
  if (repeated?.repetition !== "REPEATED") return undefined;
  return repeated.leafIndex === undefined ? repeated.children[0] : repeated;
}
