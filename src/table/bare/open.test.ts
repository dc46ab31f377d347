import { describe, expect, it } from "vitest";
import { memoryStore } from "../../../test/support/memory-store.ts";
import { buildParquet, type TestField } from "../../../test/support/parquet-builder.ts";
import { type CapturePolicy, SourceMissingError, UnreadableFileError } from "../../model/index.ts";
import { readFooter } from "../../parquet/index.ts";
import { columnIdOf, flattenSchema, parseDeltaSchema } from "../delta/schema/index.ts";
import { footerMetrics } from "../footer-metrics/index.ts";
import { openBare } from "./open.ts";

const signal = new AbortController().signal;
const policy: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "all",
  maxDefaultColumns: 32,
  properties: {},
};

function parquet(...fields: readonly TestField[]): Uint8Array {
  return buildParquet({ fields, rowGroups: [] }).bytes;
}

const optional = (name: string, more: Partial<TestField> = {}): TestField => ({
  name,
  repetition: "OPTIONAL",
  type: "INT64",
  ...more,
});
const group = (name: string, children: readonly TestField[], more: Partial<TestField> = {}): TestField => ({
  name,
  repetition: "OPTIONAL",
  children,
  ...more,
});

async function open(objects: Readonly<Record<string, Uint8Array | string>>, ...locations: string[]) {
  return await openBare({ locations, store: memoryStore(objects), policy, signal });
}

async function filesOf(objects: Readonly<Record<string, Uint8Array | string>>, ...locations: string[]) {
  return await (await open(objects, ...locations)).files({ signal });
}

describe("decision 37: which files make up a table", () => {
  const file = parquet(optional("id"));
  const objects = {
    "s3://b/t/b.parquet": file,
    "s3://b/t/a/x.PARQ": file,
    "s3://b/t/part-00000": file,
    "s3://b/t/notes": "no Parquet, whatever its length",
    "s3://b/t/readme.txt": file,
    "s3://b/t/x.parquet.crc": file,
    "s3://b/t/_temporary/c.parquet": file,
    "s3://b/t/.hidden.parquet": file,
    "s3://b/t/_SUCCESS": "",
    "s3://b/u/d.parquet": file,
  };
  const found = async (...locations: string[]) =>
    (await filesOf(objects, ...locations)).map((found) => found.path);

  it("searches a folder recursively, leaves out names that begin with _ or ., goes by path", async () => {
    const all = ["s3://b/t/a/x.PARQ", "s3://b/t/b.parquet", "s3://b/t/part-00000"];
    expect(await found("s3://b/t")).toEqual(all);
    expect(await found("s3://b/t/")).toEqual(all);
  });

  it("takes a single file whatever its name, globs, and several locations as one table, each file once", async () => {
    expect(await found("s3://b/t/readme.txt")).toEqual(["s3://b/t/readme.txt"]);
    expect(await found("s3://b/t/_temporary/c.parquet")).toEqual(["s3://b/t/_temporary/c.parquet"]);
    expect(await found("s3://b/*/?.parquet")).toEqual(["s3://b/t/b.parquet", "s3://b/u/d.parquet"]);
    expect(await found("s3://b/{t,u}")).toEqual([
      "s3://b/t/a/x.PARQ",
      "s3://b/t/b.parquet",
      "s3://b/t/part-00000",
      "s3://b/u/d.parquet",
    ]);
    expect(await found("s3://b/t/**/*.parquet")).toEqual(["s3://b/t/b.parquet"]);
    expect(await found("s3://b/t/_temp*/*.parquet")).toEqual(["s3://b/t/_temporary/c.parquet"]);
    expect(await found("s3://b/u", "s3://b/t/b.parquet", "s3://b/u/d.parquet")).toEqual([
      "s3://b/t/b.parquet",
      "s3://b/u/d.parquet",
    ]);
  });

  it("says so when there is none", async () => {
    await expect(found("s3://b/none")).rejects.toThrow(
      new SourceMissingError("no Parquet files found in s3://b/none"),
    );
  });

  it("gives the planned files alone, with sizes from the store", async () => {
    const snapshot = await open(objects, "s3://b/t");
    const files = await snapshot.files({ only: new Set(["s3://b/t/b.parquet", "s3://b/t/none"]), signal });
    expect(files.map((planned) => [planned.path, planned.sizeBytes])).toEqual([
      ["s3://b/t/b.parquet", BigInt(file.length)],
    ]);
    expect(snapshot.snapshotId).toBe(0n);
  });
});

describe("decision 37: Hive-style partition folders", () => {
  it("are the partition values, in folder order, percent-decoded", async () => {
    const file = parquet(optional("id"));
    const json = async (path: string, location = "s3://b/t") =>
      (await filesOf({ [path]: file }, location))[0]?.partitionDataJson;
    expect(await json("s3://b/t/region=us%2Deast/dt=2026-02-01/x.parquet")).toBe(
      '{"partitionValues":[{"id":"region","value":"us-east"},{"id":"dt","value":"2026-02-01"}]}',
    );
    expect(await json("s3://b/t/n=1/plain/k=__HIVE_DEFAULT_PARTITION__/x=y.parquet")).toBe(
      '{"partitionValues":[{"id":"n","value":1},{"id":"k","value":null}]}',
    );
    expect(await json("s3://b/t/dt=1/x.parquet", "s3://b/t/dt=*")).toBe(
      '{"partitionValues":[{"id":"dt","value":1}]}',
    );
    expect(await json("s3://b/t/bad=%zz/x.parquet")).toBe('{"partitionValues":[{"id":"bad","value":"%zz"}]}');
    expect(await json("s3://b/t=1/x.parquet", "s3://b/t=1")).toBe('{"partitionValues":[]}');
  });
});

describe("decision 37: columns of the first file", () => {
  it("have ids by the chunked rule, nested columns counted as in the same Delta schema", async () => {
    const point = (name: string) => group(name, [optional("lat"), optional("lon")]);
    const listOf = (name: string, element: TestField) =>
      group(name, [group("list", [element], { repetition: "REPEATED" })], { converted: 3 });
    const mapTo = (name: string, value: TestField) =>
      group(
        name,
        [
          group("key_value", [{ ...optional("key"), repetition: "REQUIRED" }, value], {
            repetition: "REPEATED",
          }),
        ],
        {
          converted: 1,
        },
      );
    const snapshot = await open(
      {
        "s3://b/t/a.parquet": parquet(
          optional("id"),
          point("location"),
          listOf("numbers", optional("element")),
          listOf("points", point("element")),
          listOf("grid", listOf("element", point("element"))),
          mapTo("by_name", point("value")),
          mapTo("counts", optional("value")),
          optional("last"),
        ),
      },
      "s3://b/t",
    );
    const struct = { type: "struct", fields: ["lat", "lon"].map((name) => ({ name, type: "long" })) };
    const array = (elementType: unknown) => ({ type: "array", elementType });
    const map = (valueType: unknown) => ({ type: "map", keyType: "long", valueType });
    const fields = [
      { name: "id", type: "long" },
      { name: "location", type: struct },
      { name: "numbers", type: array("long") },
      { name: "points", type: array(struct) },
      { name: "grid", type: array(array(struct)) },
      { name: "by_name", type: map(struct) },
      { name: "counts", type: map("long") },
      { name: "last", type: "long" },
    ];
    const delta = flattenSchema(parseDeltaSchema(JSON.stringify({ type: "struct", fields })));
    expect(snapshot.columns.map((column) => column.columnId)).toEqual(
      delta.filter((column) => column.topLevel).map((column) => columnIdOf(column, "chunked")),
    );
    expect(snapshot.columns.map((column) => column.logicalType)).toEqual([
      "INT",
      "STRUCT",
      "ARRAY",
      "ARRAY",
      "ARRAY",
      "MAP",
      "MAP",
      "INT",
    ]);
  });

  it.each<[Partial<TestField>, string]>([
    [{ type: "INT32" }, "INT"],
    [{ type: "INT64" }, "INT"],
    [{ type: "INT32", converted: 13 }, "INT"],
    [{ type: "INT64", converted: 14 }, ""],
    [{ type: "INT64", converted: 18 }, "INT"],
    [{ type: "FLOAT" }, "FLOAT"],
    [{ type: "DOUBLE" }, "DOUBLE"],
    [{ type: "BOOLEAN" }, "BOOLEAN"],
    [{ type: "INT32", converted: 5, precision: 9, scale: 2 }, "DECIMAL(9,2)"],
    [{ type: "BYTE_ARRAY", converted: 5, precision: 38, scale: 0 }, "DECIMAL(38,0)"],
    [{ type: "BYTE_ARRAY", converted: 5, precision: 39, scale: 0 }, ""],
    [{ type: "BYTE_ARRAY", converted: 0 }, "STRING"],
    [{ type: "BYTE_ARRAY", converted: 4 }, "STRING"],
    [{ type: "BYTE_ARRAY", converted: 19 }, "STRING"],
    [{ type: "BYTE_ARRAY", converted: 20 }, ""],
    [{ type: "BYTE_ARRAY" }, ""],
    [{ type: "FIXED_LEN_BYTE_ARRAY", typeLength: 12, converted: 21 }, ""],
    [{ type: "INT32", converted: 6 }, "DATE"],
    [{ type: "INT32", converted: 7 }, "TIME"],
    [{ type: "INT64", converted: 8 }, "TIME"],
    [{ type: "INT64", converted: 9 }, "TIMESTAMPTZ"],
    [{ type: "INT64", converted: 10 }, "TIMESTAMPTZ"],
    [{ type: "INT96" }, ""],
    [{ type: "INT32", repetition: "REPEATED" }, "ARRAY"],
  ])("%j is %j, with figures only where it is a type of records", async (field, logicalType) => {
    const snapshot = await open({ "s3://b/a.parquet": parquet(optional("c", field)) }, "s3://b/");
    expect(snapshot.columns[0]).toMatchObject({ logicalType, included: true, topLevelName: "c" });
    const [file] = await snapshot.files({ signal });
    const plan = file?.metrics.source === "footer" ? file.metrics.plan : undefined;
    expect(plan?.columns).toHaveLength(logicalType === "" || logicalType === "ARRAY" ? 0 : 1);
  });

  it("must have the same type in every file that has them", async () => {
    const objects = {
      "s3://b/t/a.parquet": parquet(optional("id"), optional("x", { type: "INT96" }), optional("gone")),
      "s3://b/t/b.parquet": parquet(optional("x", { type: "INT96" }), optional("id", { type: "INT32" })),
      "s3://b/t/c.parquet": parquet(optional("id", { type: "DOUBLE" })),
      "s3://b/t/d.parquet": parquet(optional("id"), optional("x", { type: "BYTE_ARRAY" }), optional("new")),
    };
    const store = memoryStore(objects);
    const snapshot = await openBare({ locations: ["s3://b/t"], store, policy, signal });
    const metrics = async (index: number) => {
      const file = (await snapshot.files({ signal }))[index];
      if (file?.metrics.source !== "footer") throw new Error("no footer plan");
      await using handle = await store.open(file.path, { signal });
      return footerMetrics(await readFooter(handle, { signal }), file.metrics.plan, file.path);
    };
    await metrics(0);
    await metrics(1);
    await expect(metrics(2)).rejects.toThrow(
      new UnreadableFileError("has the type DOUBLE, but INT in the first file of the table", {
        file: "s3://b/t/c.parquet",
        column: "id",
      }),
    );
    await expect(metrics(3)).rejects.toThrow(
      "s3://b/t/d.parquet, column x: has the type BYTE_ARRAY, but INT96 in the first file of the table",
    );
  });
});
