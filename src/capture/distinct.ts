import type { DistinctSink, FileMetadata, SchemaLeaf } from "../parquet/index.ts";
import { ThetaBuilder } from "../sketch/index.ts";
import { byWantedName, namesInFile, type WantedColumns } from "./names-in-file.ts";
import type { SketchResult } from "./task.ts";

/** The reference sketches this many columns of a file at most (07 §6.2). */
const MAX_COLUMNS = 32;

/** Sketches the distinct values of a file's top-level columns while its pages are decoded for the index. */
export interface DistinctCollector {
  /** The sink of a leaf; undefined if its values are not wanted. */
  readonly sinkOf: (leaf: SchemaLeaf) => DistinctSink | undefined;
  /** The sketches, once every row group has been decoded. */
  finish(): ReadonlyMap<string, SketchResult>;
}

/**
 * Columns by 07 §6.2: the wanted names that exist as top-level fields of the file, the first 32. Groups, repeated fields and
 * INT96 count among them but get no sketch (decision 39).
 */
export function distinctCollector(
  footer: FileMetadata,
  wanted: WantedColumns & { readonly k: number },
): DistinctCollector {
  const topLevel = new Set(footer.schema.root.children.map((child) => child.name));
  const nameOf = namesInFile(footer.schema.root.children, wanted);
  const names = new Set([...nameOf.keys()].filter((name) => topLevel.has(name)).slice(0, MAX_COLUMNS));
  const builders = new Map<string, ThetaBuilder>();
  for (const leaf of footer.schema.leaves) {
    const [name] = leaf.path;
    if (name === undefined || leaf.path.length !== 1 || !names.has(name)) continue;
    if (leaf.maxRepetitionLevel > 0 || leaf.physicalType === "INT96") continue;
    builders.set(name, new ThetaBuilder(wanted.k));
  }
  return {
    sinkOf: (leaf) => (leaf.path.length === 1 ? builders.get(leaf.name) : undefined),
    finish() {
      const rowsSeen = footer.rowGroups.reduce((sum, rowGroup) => sum + BigInt(rowGroup.rowCount), 0n);
      const sketches = [...builders].map(
        ([name, builder]) => [name, { sketch: builder.result(), rowsSeen }] as const,
      );
      return byWantedName(new Map(sketches), nameOf);
    },
  };
}
