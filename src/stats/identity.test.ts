import { describe, expect, it } from "vitest";
import { type IdentityTarget, targetHash, targetStorageId } from "./identity.ts";

const key = Buffer.from("expr:user.id");

describe("07 §8.7: target identity (07 T73)", () => {
  it.each([
    [{ kind: "table" }, "e632b7095b0bf32c260fa4c539e9fd7b852d0de454e9be26f24d0d6f91d069d3"],
    [
      { kind: "file", filePath: " /data/file.parquet " },
      "f932e164813b120e7f018302a8b880120b23feaec4058e457bbb00f8e401dcfd",
    ],
    [
      { kind: "file", filePath: "s3://bucket/data/a.parquet" },
      "af7e0721bbce00e5d7ad1fa19391288a7e9c52c3744a00fdece62627680aaf3a",
    ],
    [{ kind: "column", columnId: 7n }, "d3c9d0e8f81f87c851ee144fa7fe3b1b3baff489cc111aa33dcedb934a7048b4"],
    [
      { kind: "composite", columnIds: [3n, 1n, 2n] },
      "b60ebb509f81d12c7256195e38bd76b02ba504458e34a0a0c24392beb6177ad6",
    ],
    [
      { kind: "expression", engineKind: " TRINO ", key },
      "88952f756dc9d57e4ee84fe351185608b3e1ecb16d92c1545ac863162f02f284",
    ],
  ] as [IdentityTarget, string][])("hash of %o", (target, hash) => {
    expect(targetHash(target)).toBe(hash);
  });

  it("storage ids", () => {
    expect(targetStorageId({ kind: "table" })).toBe("table");
    expect(targetStorageId({ kind: "column", columnId: 7n })).toBe("column-0000000000000000007");
    expect(targetStorageId({ kind: "file", filePath: "/data/file.parquet" })).toBe(
      "file-f932e164813b120e7f018302a8b880120b23feaec4058e457bbb00f8e401dcfd",
    );
    expect(targetStorageId({ kind: "expression", engineKind: " TRINO ", key })).toBe(
      "expression-trino-88952f756dc9d57e4ee84fe351185608b3e1ecb16d92c1545ac863162f02f284",
    );
    expect(targetStorageId({ kind: "composite", columnIds: [2n, 1n, 3n] })).toBe(
      "composite-b60ebb509f81d12c7256195e38bd76b02ba504458e34a0a0c24392beb6177ad6",
    );
  });

  it.each([
    [{ kind: "file", filePath: "  " }, "file_path must not be blank"],
    [{ kind: "column", columnId: 0n }, "column_id must be positive"],
    [{ kind: "expression", engineKind: " ", key }, "engine_kind must not be blank"],
    [
      { kind: "expression", engineKind: "x", key: new Uint8Array(0) },
      "engine_expression_key must not be empty",
    ],
    [{ kind: "composite", columnIds: [1n] }, "composite target requires at least 2 column_ids"],
    [{ kind: "composite", columnIds: [1n, 0n] }, "composite column_ids must be positive"],
    [{ kind: "composite", columnIds: [1n, 1n] }, "composite column_ids must be distinct"],
  ] as [IdentityTarget, string][])("%o: %s", (target, message) => {
    expect(() => targetStorageId(target)).toThrow(message);
  });
});
