import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AccessDeniedError } from "../model/index.ts";
import { openStore } from "./open-store.ts";

const signal = new AbortController().signal;
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "test-root-"));
  await mkdir(join(root, "bucket/t"), { recursive: true });
  await mkdir(join(root, "other"));
  await writeFile(join(root, "bucket/t/a%20b"), "percent");
  await writeFile(join(root, "other/secret"), "");
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

it("08 F5, §5.5 reads s3://bucket/key from <root>/bucket/key, the key taken literally", async () => {
  const store = openStore({ local: { kind: "none" }, testRoot: root });
  for (const path of ["s3://bucket/t/a%20b", "s3a://bucket/t/a%20b"]) {
    await using file = await store.open(path, { signal });
    expect(file.size).toBe(7);
    expect(file.path).toBe(path);
  }
  const found: string[] = [];
  for await (const info of store.list("s3://bucket/t/", { recursive: true, signal })) found.push(info.path);
  expect(found).toEqual(["s3://bucket/t/a%20b"]);
});

it("08 §5.5 refuses a path that leaves its bucket, and any other scheme", async () => {
  const store = openStore({ local: { kind: "none" }, testRoot: root });
  for (const path of [
    "s3://bucket/../other/secret",
    "s3://../x",
    "s3:///x",
    "s3://bucket/t/../../other/secret",
  ]) {
    await expect(store.open(path, { signal })).rejects.toThrow(AccessDeniedError);
  }
  await expect(store.open("gs://bucket/t", { signal })).rejects.toThrow(
    "Only s3:// URIs are supported: gs://bucket/t",
  );
});

it("decision 38: local paths are refused with the contract's error unless they are allowed", async () => {
  const file = join(root, "other/secret");
  const none = openStore({ local: { kind: "none" } });
  await expect(none.open(file, { signal })).rejects.toThrow(`Unsupported file system path: ${file}`);
  await expect(none.open(`file://${file}`, { signal })).rejects.toThrow(/Unsupported file system path/);
  const below = openStore({ local: { kind: "below", root: join(root, "bucket") } });
  await expect(below.open(file, { signal })).rejects.toThrow(AccessDeniedError);
  const anywhere = openStore({ local: { kind: "anywhere" } });
  await using handle = await anywhere.open(file, { signal });
  expect(handle.size).toBe(0);
});

it("08 F4 names the path of a scheme that can't be read", async () => {
  const store = openStore({ local: { kind: "anywhere" } });
  await expect(store.open("abfss://c@a/t", { signal })).rejects.toThrow(
    "Unsupported file system path: abfss://c@a/t",
  );
});
