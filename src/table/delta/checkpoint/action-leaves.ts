import {
  type FileMetadata,
  findChild,
  findNode,
  leafOf,
  listElementNode,
  mapEntryNodes,
  type SchemaLeaf,
  type SchemaNode,
} from "../../../parquet/index.ts";

/**
 * Where a checkpoint's columns are (05 §4.3): matched by name, then without regard to case. Only `path` and `size` must be
 * there; what is missing reads as null.
 */
export interface AddLeaves {
  readonly path: SchemaLeaf;
  readonly size: SchemaLeaf;
  readonly partitionKey: SchemaLeaf | undefined;
  readonly partitionValue: SchemaLeaf | undefined;
  readonly vector: VectorLeaves | undefined;
  /** `add.stats_parsed` (05 §7.2). */
  readonly stats: SchemaNode | undefined;
}

export interface VectorLeaves {
  readonly storageType: SchemaLeaf;
  readonly pathOrInlineDv: SchemaLeaf;
  readonly offset: SchemaLeaf | undefined;
  readonly sizeInBytes: SchemaLeaf | undefined;
  readonly cardinality: SchemaLeaf | undefined;
}

/** Undefined if the file has no add actions. */
export function addLeaves({ schema }: FileMetadata): AddLeaves | undefined {
  const add = findChild(schema.root, "add");
  const leaf = (...path: string[]) => flatLeaf(leafOf(schema, add && findNode(add, path)));
  const path = leaf("path");
  const size = leaf("size");
  if (add === undefined || path === undefined || size === undefined) return undefined;
  const entries = mapEntryNodes(findChild(add, "partitionValues"));
  const storageType = leaf("deletionVector", "storageType");
  const pathOrInlineDv = leaf("deletionVector", "pathOrInlineDv");
  return {
    path,
    size,
    partitionKey: leafOf(schema, entries?.key),
    partitionValue: leafOf(schema, entries?.value),
    vector:
      storageType === undefined || pathOrInlineDv === undefined
        ? undefined
        : {
            storageType,
            pathOrInlineDv,
            offset: leaf("deletionVector", "offset"),
            sizeInBytes: leaf("deletionVector", "sizeInBytes"),
            cardinality: leaf("deletionVector", "cardinality"),
          },
    stats: findChild(add, "stats_parsed"),
  };
}

export interface HeadLeaves {
  readonly minReaderVersion: SchemaLeaf | undefined;
  readonly readerFeature: SchemaLeaf | undefined;
  readonly schemaString: SchemaLeaf | undefined;
  readonly partitionColumn: SchemaLeaf | undefined;
  readonly configurationKey: SchemaLeaf | undefined;
  readonly configurationValue: SchemaLeaf | undefined;
}

/** Protocol and metadata. */
export function headLeaves({ schema }: FileMetadata): HeadLeaves {
  const node = (...path: string[]) => findNode(schema.root, path);
  const configuration = mapEntryNodes(node("metaData", "configuration"));
  return {
    minReaderVersion: flatLeaf(leafOf(schema, node("protocol", "minReaderVersion"))),
    readerFeature: leafOf(schema, listElementNode(node("protocol", "readerFeatures"))),
    schemaString: flatLeaf(leafOf(schema, node("metaData", "schemaString"))),
    partitionColumn: leafOf(schema, listElementNode(node("metaData", "partitionColumns"))),
    configurationKey: leafOf(schema, configuration?.key),
    configurationValue: leafOf(schema, configuration?.value),
  };
}

/** Path of a sidecar file (05 §4.3). */
export function sidecarPathLeaf({ schema }: FileMetadata): SchemaLeaf | undefined {
  return flatLeaf(leafOf(schema, findNode(schema.root, ["sidecar", "path"])));
}

function flatLeaf(leaf: SchemaLeaf | undefined): SchemaLeaf | undefined {
  return leaf?.maxRepetitionLevel === 0 ? leaf : undefined;
}
