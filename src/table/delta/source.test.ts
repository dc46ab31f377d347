import { expect, it } from "vitest";
import { deltaSource } from "./source.ts";

it("05 T8 picks the source by delta.source, unity by default, and ties the root to filesystem", () => {
  expect(deltaSource({ "delta.source": " GLUE " })).toEqual({ kind: "glue" });
  expect(deltaSource({})).toEqual({ kind: "unity" });
  expect(deltaSource({ "delta.source": " " })).toEqual({ kind: "unity" });
  expect(deltaSource({ "delta.source": "filesystem", "delta.table-root": "s3://b/t" })).toEqual({
    kind: "filesystem",
    root: "s3://b/t",
  });
  expect(() => deltaSource({ "delta.source": "filesystem" })).toThrow(
    "delta.table-root is required for delta.source=filesystem",
  );
  expect(() => deltaSource({ "delta.source": "glue", "delta.table-root": "s3://b/t" })).toThrow(
    "delta.table-root is only valid with delta.source=filesystem",
  );
  expect(() => deltaSource({ "delta.source": "Hive" })).toThrow("Unsupported delta.source: Hive");
});

it("decision 37: knows Parquet files without a log as a source of their own", () => {
  expect(deltaSource({ "delta.source": "parquet", "delta.table-root": "s3://b/t" })).toEqual({
    kind: "parquet",
    root: "s3://b/t",
  });
  expect(() => deltaSource({ "delta.source": "parquet" })).toThrow(
    "delta.table-root is required for delta.source=parquet",
  );
});
