import { describe, expect, test } from "vitest";
import { footerOf, type LeafSpec } from "../../test/support/footer-builder.ts";
import type { FileMetadata, SchemaNode } from "../parquet/index.ts";
import { addInt64, entryCount, ThetaBuilder } from "../sketch/index.ts";
import { distinctCollector } from "./distinct.ts";

/** A footer of two row groups, whose schema has the tops of the leaves' paths as top-level fields. */
function footer(leaves: readonly LeafSpec[]): FileMetadata {
  const chunks = leaves.map(() => ({}));
  const flat = footerOf({
    leaves,
    rowGroups: [
      { rows: 10, chunks },
      { rows: 5, chunks },
    ],
  });
  const tops = [...new Set(leaves.map(({ path }) => path[0] ?? ""))];
  const children = tops.map(
    (name): SchemaNode => ({ ...flat.schema.root, name, repetition: "OPTIONAL", children: [] }),
  );
  return { ...flat, schema: { ...flat.schema, root: { ...flat.schema.root, children } } };
}

const leaf = (name: string, change: Partial<LeafSpec> = {}): LeafSpec => ({
  path: [name],
  physicalType: "INT64",
  ...change,
});

/** Names that get a sketch. */
function sketched(leaves: readonly LeafSpec[], names: readonly string[]): readonly string[] {
  return [...distinctCollector(footer(leaves), { names, k: 64 }).finish().keys()];
}

describe("07 §6.2: columns of a file whose distinct values are sketched", () => {
  test("are those wanted that the file has", () => {
    expect(sketched([leaf("a"), leaf("b")], ["b", "c"])).toEqual(["b"]);
  });

  test("are 32 at most, the first of the wanted ones that the file has", () => {
    const names = Array.from({ length: 40 }, (_, i) => `c${i}`);
    const inFile = names.filter((name) => name !== "c0");
    expect(
      sketched(
        inFile.map((name) => leaf(name)),
        names,
      ),
    ).toEqual(names.slice(1, 33));
  });

  test("decision 39: groups, repeated fields and INT96 get none, but count among the 32", () => {
    const odd = [
      leaf("group", { path: ["group", "x"] }),
      leaf("list", { repeated: true }),
      leaf("old", { physicalType: "INT96" }),
    ];
    const plain = Array.from({ length: 31 }, (_, i) => leaf(`c${i}`));
    const names = ["group", "list", "old", ...plain.map(({ path }) => path[0] ?? "")];
    expect(sketched([...odd, ...plain], names)).toEqual(names.slice(3, 32));
  });
});

test("07 §6.7: a sketch has seen the rows of all row groups", () => {
  const metadata = footer([leaf("a")]);
  const collector = distinctCollector(metadata, { names: ["a"], k: 64 });
  const [only] = metadata.schema.leaves;
  const sink = only && collector.sinkOf(only);
  expect(sink).toBeInstanceOf(ThetaBuilder);
  if (sink instanceof ThetaBuilder) for (const value of [1n, 2n, 2n]) addInt64(sink, value);
  const result = collector.finish().get("a");
  expect(result?.rowsSeen).toBe(15n);
  expect(result && entryCount(result.sketch)).toBe(2);
});
