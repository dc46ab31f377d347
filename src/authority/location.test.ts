import { expect, test } from "vitest";
import type { ConnectorKind, FileGroup, Generation } from "../model/index.ts";
import { lookupLocation } from "./location.ts";
import { fileGroup } from "./testing/file-group.ts";

function located(
  generation: Generation,
  kind: ConnectorKind,
  properties: Record<string, string>,
  rest: { readonly uri?: string; readonly storageLocation?: string } = {},
): string | undefined {
  const group = fileGroup(generation, { kind, properties, uri: rest.uri ?? "" });
  return lookupLocation({ ...group, storageLocation: rest.storageLocation ?? "" } satisfies FileGroup);
}

test.each([
  ["s3://warehouse/ns/table", "s3://warehouse/ns/table"],
  [" s3://bucket/table/// ", "s3://bucket/table"],
  ["S3A://b/t", "S3A://b/t"],
  ["s3n://b/t", "s3n://b/t"],
  ["abfss://x", undefined],
  ["file:///t", undefined],
  ["", undefined],
])(
  "04 T19, 08 §3.1, S1, S2 chunked: the payload's storage location %j is asked for as %j",
  (storageLocation, expected) => {
    for (const kind of ["iceberg", "delta"] as const) {
      for (const source of ["glue", "rest", "filesystem", "unity"]) {
        const properties = { "iceberg.source": source, "delta.source": source, warehouse: "s3://w" };
        expect(located("chunked", kind, properties, { storageLocation, uri: "s3://other" })).toBe(expected);
      }
    }
  },
);

test.each([
  ["s3://warehouse", undefined, "s3://warehouse/"],
  ["s3://warehouse//", undefined, "s3://warehouse/"],
  ["warehouse", "http://minio:9000", "s3://warehouse/"],
  ["warehouse/", "http://minio:9000", "s3://warehouse/"],
  ["warehouse", " ", undefined],
  ["warehouse", undefined, undefined],
  ["gs://w", "http://minio:9000", undefined],
  ["", "http://minio:9000", undefined],
])(
  "04 T18, 08 §3.1, S3 inline rest: warehouse %j with endpoint %j is asked for as %j",
  (warehouse, endpoint, expected) => {
    const properties = {
      "iceberg.source": " REST ",
      warehouse,
      ...(endpoint !== undefined && { "s3.endpoint": endpoint }),
    };
    expect(located("inline", "iceberg", properties, { uri: "https://catalog" })).toBe(expected);
  },
);

test("08 §3.1, S4 inline filesystem: the connector's uri", () => {
  const uri = "s3://warehouse/ns/table/metadata/00001.metadata.json";
  expect(located("inline", "iceberg", { "iceberg.source": "filesystem" }, { uri })).toBe(uri);
});

test.each(["glue", "", " "])("08 §3.1 inline iceberg.source=%j: the step is left out", (source) => {
  const properties = { "iceberg.source": source, warehouse: "s3://w" };
  expect(
    located("inline", "iceberg", properties, { uri: "s3://b/t", storageLocation: "s3://b/t" }),
  ).toBeUndefined();
});

test("08 §3.1, S5 inline Delta: the hint wins over the table root", () => {
  const root = { "delta.table-root": "s3://b/root/" };
  expect(located("inline", "delta", { ...root, "delta.table-root.hint.location": "s3://b/hint" })).toBe(
    "s3://b/hint",
  );
  expect(located("inline", "delta", { ...root, "delta.table-root.hint.location": " " })).toBe("s3://b/root");
  expect(located("inline", "delta", {})).toBeUndefined();
});

test("08 §3.1: no step for other kinds and for a connector without id", () => {
  const chunked = { storageLocation: "s3://b/t" };
  for (const kind of ["glue", "unity", "unspecified"] as const) {
    expect(located("chunked", kind, {}, chunked)).toBeUndefined();
  }
  const group = fileGroup("chunked", { kind: "delta", resourceId: undefined });
  expect(lookupLocation({ ...group, ...chunked })).toBeUndefined();
});
