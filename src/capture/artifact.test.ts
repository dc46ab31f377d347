import { parquetMetadata } from "hyparquet";
import { describe, expect, test } from "vitest";
import { pageRow } from "../../test/support/page-rows.ts";
import { FILE_CONTENT, type FileStats, type PageIndexRow, type StatsRecord } from "../model/index.ts";
import { buildArtifact, fileStatsByPath } from "./artifact.ts";
import { artifactUri, encodeKeySegment } from "./artifact-uri.ts";
import { makeSidecar } from "./sidecar.ts";

const TABLE = { accountId: "acct", id: "table-1", kind: 4 };

function artifactOf(rows: readonly PageIndexRow[], fileStats?: FileStats, filePath = "s3://b/x.parquet") {
  return buildArtifact({
    tableId: TABLE,
    snapshotId: 55n,
    filePath,
    sidecar: makeSidecar(rows, filePath),
    fileStats,
    createdAtMs: 1234,
  });
}

function fileStats(fields: Partial<FileStats> = {}): FileStats {
  return {
    filePath: "s3://b/x.parquet",
    fileFormat: "PARQUET",
    rowCount: 42n,
    sizeBytes: 10840n,
    columns: [],
    fileContent: FILE_CONTENT.data,
    partitionDataJson: "",
    partitionSpecId: 0,
    equalityFieldIds: [],
    sequenceNumber: undefined,
    ...fields,
  };
}

describe("06 §5.2 artifact_uri", () => {
  test("06 T4 U1", () => {
    expect(
      artifactUri({ accountId: "acct id", id: "table id", kind: 4 }, 7n, "s3://b/p/a rquet", "deadbeef"),
    ).toBe(
      "/accounts/acct%20id/tables/table%20id/index-sidecars/0000000000000000007/file%3As3%3A%2F%2Fb%2Fp%2Fa%20rquet/deadbeef.parquet",
    );
  });

  test("06 T4 U2", () => {
    expect(encodeKeySegment("file:s3://b/p=1/a!b*(1)é +%25.parquet")).toBe(
      "file%3As3%3A%2F%2Fb%2Fp%3D1%2Fa%21b%2A%281%29%C3%A9%20%2B%2525.parquet",
    );
  });

  test("every byte is encoded but letters, digits and - . _ ~", () => {
    const ascii = String.fromCharCode(...Array.from({ length: 128 }, (_, code) => code));
    const expected = [...ascii]
      .map((character) =>
        /[A-Za-z0-9\-._~]/.test(character)
          ? character
          : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
      )
      .join("");
    expect(encodeKeySegment(ascii)).toBe(expected);
    expect(encodeKeySegment("😀\uD83Dx")).toBe("%F0%9F%98%80%3Fx");
  });

  test("06 T4 U3: hex and Base64 of one SHA-256, over the sidecar's bytes", async () => {
    const { content, record } = artifactOf([pageRow()]);
    const digest = Buffer.from(await crypto.subtle.digest("SHA-256", new Uint8Array(content)));
    expect(record.contentSha256B64).toBe(digest.toString("base64"));
    expect(record.contentSha256B64).toHaveLength(44);
    expect(record.artifactUri.endsWith(`/${digest.toString("hex")}.parquet`)).toBe(true);
  });

  test.each(["", " ", "\t\n"])("06 T4 U4: a blank account or table id (%j) is an error", (blank) => {
    const text = "index sidecar key segment is null/blank";
    expect(() => artifactUri({ accountId: blank, id: "t", kind: 4 }, 7n, "p", "00")).toThrow(text);
    expect(() => artifactUri({ accountId: "a", id: blank, kind: 4 }, 7n, "p", "00")).toThrow(text);
  });

  test("06 §9: a key of 1024 bytes is taken, a longer one is an error that names the file", () => {
    const keyLength = (path: string) => artifactUri(TABLE, 7n, path, "00").length - 1;
    const longest = "x".repeat(1024 - keyLength(""));
    expect(keyLength(longest)).toBe(1024);
    expect(() => artifactUri(TABLE, 7n, `${longest}x`, "00")).toThrow(
      `index sidecar key for ${longest}x has 1025 bytes, and an object key may have 1024`,
    );
  });
});

describe("06 §5.3, §5.4 coverage", () => {
  test("06 T4 C1: without a FILE record, the rows of the largest page and the bytes of all data pages", () => {
    const pages = [20000, 20000, 5000].map((rowCount, pageOrdinal) =>
      pageRow({
        pageOrdinal,
        rowCount,
        pageTotalCompressedSize: 2_000_000_000,
        dictionaryPageTotalCompressedSize: 7,
      }),
    );
    const { record } = artifactOf(pages);
    expect(record.coverage).toEqual({
      rowsIndexed: 20000n,
      liveRowsIndexed: 20000n,
      pagesIndexed: 3n,
      rowGroupsIndexed: 1n,
      bytesScanned: 6_000_000_000n,
    });
    expect(record.sourceFileFormat).toBe("parquet");
    expect(record.properties).toEqual({ materialization: "page_index", indexed_columns: "c" });
  });

  test("with a FILE record, the file's rows and size", () => {
    const { record } = artifactOf([pageRow(), pageRow({ rowGroup: 2 })], fileStats());
    expect(record.coverage).toEqual({
      rowsIndexed: 42n,
      liveRowsIndexed: 42n,
      pagesIndexed: 2n,
      rowGroupsIndexed: 2n,
      bytesScanned: 10840n,
    });
    expect(record.sourceFileFormat).toBe("PARQUET");
    expect(record.properties.source_file_content).toBe("FC_DATA");
  });

  test("06 T4 C2: zeros are not set, and a file without rows gets a bootstrap sidecar", () => {
    const { record, content } = artifactOf(
      [],
      fileStats({ rowCount: 0n, sizeBytes: 0n, fileContent: FILE_CONTENT.unspecified }),
    );
    expect(Object.values(record.coverage).every((figure) => figure === undefined)).toBe(true);
    expect(record.properties).toEqual({ materialization: "bootstrap" });
    const metadata = parquetMetadata(content);
    expect(metadata.row_groups).toEqual([]);
    expect(metadata.schema.length).toBe(35);
    expect(metadata.key_value_metadata?.[0]).toEqual({
      key: "sidecar.data_file_path",
      value: "s3://b/x.parquet",
    });
  });

  test("06 T4 V3 (decision 9): neither FILE record nor rows gives a bootstrap sidecar too, not a failure", () => {
    const { record } = artifactOf([]);
    expect(Object.values(record.coverage).every((figure) => figure === undefined)).toBe(true);
    expect(record.sourceFileFormat).toBe("parquet");
    expect(record.properties).toEqual({ materialization: "bootstrap" });
  });

  test("06 T4 C4: of several FILE records for a path the last is used; other records are none", () => {
    const record = (value: StatsRecord["value"]): StatsRecord => ({
      tableId: TABLE,
      snapshotId: 55n,
      target: { kind: "table" },
      metadata: undefined,
      value,
    });
    const byPath = fileStatsByPath([
      record({ kind: "file", file: fileStats({ filePath: "a", rowCount: 1n }) }),
      record({ kind: "table", table: { rowCount: 9n, dataFileCount: 1n, totalSizeBytes: 9n } }),
      record({ kind: "file", file: fileStats({ filePath: " ", rowCount: 3n }) }),
      record({ kind: "file", file: fileStats({ filePath: "a", rowCount: 2n }) }),
    ]);
    expect([...byPath].map(([path, stats]) => [path, stats.rowCount])).toEqual([["a", 2n]]);
  });
});

describe("06 §5.5 properties", () => {
  test("06 T4 C3: delete files have no format of their own, and say what they are", () => {
    const deletes = fileStats({
      fileFormat: "",
      fileContent: FILE_CONTENT.positionDeletes,
      sequenceNumber: 4n,
    });
    const { record } = artifactOf([pageRow()], deletes);
    expect(record.sourceFileFormat).toBe("parquet");
    expect(Object.entries(record.properties)).toEqual([
      ["materialization", "page_index"],
      ["source_sequence_number", "4"],
      ["source_file_content", "FC_POSITION_DELETES"],
      ["indexed_columns", "c"],
    ]);
    const equality = artifactOf([], fileStats({ fileContent: FILE_CONTENT.equalityDeletes }));
    expect(equality.record.properties.source_file_content).toBe("FC_EQUALITY_DELETES");
  });

  test("06 T4 C5: indexed_columns in UTF-16 order, each once", () => {
    const rows = ["b", "a b", "A", "b"].map((columnName) => pageRow({ columnName }));
    expect(artifactOf(rows).record.properties.indexed_columns).toBe("A,a b,b");
  });

  test("06 P1, §7.2: by indexed_columns a planner sees whether its selectors are there", () => {
    const { properties } = artifactOf(["b", "a"].map((columnName) => pageRow({ columnName }))).record;
    const indexed = (properties.indexed_columns ?? "").split(",").map((name) => name.trim());
    const isComplete = (...selectors: string[]) =>
      selectors.every((selector) => !selector.startsWith("#") && indexed.includes(selector));
    expect(properties.indexed_columns).toBe("a,b");
    expect([isComplete("a"), isComplete("b", "a"), isComplete("c"), isComplete("#1")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test("names are trimmed, blank ones left out, supplementary characters before U+E000", () => {
    const rows = ["Ａ", "😀", " x ", "x", " ", ""].map((columnName) => pageRow({ columnName }));
    expect(artifactOf(rows).record.properties.indexed_columns).toBe("x,😀,Ａ");
    expect(artifactOf([pageRow({ columnName: " " })]).record.properties).toEqual({
      materialization: "page_index",
    });
  });
});

test("06 §5.1: the record carries table, snapshot, path and one clock reading", () => {
  const { record } = artifactOf([pageRow()]);
  expect(record.tableId).toEqual(TABLE);
  expect(record.snapshotId).toBe(55n);
  expect(record.filePath).toBe("s3://b/x.parquet");
  expect(record.createdAtMs).toBe(1234);
});

test("06 §6: a sidecar that can't be written is an error with the file's path", () => {
  expect(() => artifactOf([pageRow({ rowCount: -1 })])).toThrow(
    "Failed to write index sidecar for s3://b/x.parquet",
  );
});
