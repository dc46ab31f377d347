import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccessDeniedError, SourceMissingError, TableError, UnreadableFileError } from "../../model/index.ts";
import type { ObjectStore } from "../object-store.ts";
import { localStore as anyLocalStore, type LocalStoreOptions } from "./store.ts";

const signal = new AbortController().signal;
const localStore = anyLocalStore;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "local-store-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function paths(
  store: ObjectStore,
  prefix: string,
  options: { recursive: boolean; startAfter?: string },
): Promise<string[]> {
  const found: string[] = [];
  for await (const info of store.list(prefix, { ...options, signal })) found.push(info.path);
  return found;
}

describe("decision 38: local files", () => {
  it("are named by file:// and the absolute path taken literally, or by the absolute path alone", async () => {
    await writeFile(join(folder, "a%20b?c#d"), "literal");
    for (const path of [`file://${folder}/a%20b?c#d`, `${folder}/a%20b?c#d`]) {
      await using file = await localStore().open(path, { signal });
      expect(file.path).toBe(path);
      expect(Buffer.from(await file.read(0, file.size, { signal })).toString()).toBe("literal");
    }
    await expect(localStore().open("file://relative/x", { signal })).rejects.toThrow(TableError);
  });

  it("are read only below the allowed folder, symbolic links resolved first", async () => {
    await mkdir(join(folder, "allowed/deep"), { recursive: true });
    await mkdir(join(folder, "allowed-not"));
    await writeFile(join(folder, "allowed/deep/in"), "in");
    await writeFile(join(folder, "allowed-not/out"), "out");
    await symlink(join(folder, "allowed-not/out"), join(folder, "allowed/link-out"));
    await symlink(join(folder, "allowed/deep/in"), join(folder, "allowed/link-in"));
    await symlink(join(folder, "allowed"), join(folder, "root-link"));
    for (const root of [join(folder, "allowed"), join(folder, "root-link")]) {
      const store = localStore({ root });
      for (const inside of ["allowed/deep/in", "allowed/link-in", "root-link/deep/in"]) {
        await using file = await store.open(join(folder, inside), { signal });
        expect(file.size).toBe(2);
      }
      for (const outside of ["allowed-not/out", "allowed/link-out", "allowed/../allowed-not/out"]) {
        await expect(store.open(`${folder}/${outside}`, { signal })).rejects.toThrow(AccessDeniedError);
      }
      await expect(paths(store, `${folder}/allowed-not/`, { recursive: true })).rejects.toThrow(
        AccessDeniedError,
      );
      await expect(paths(store, `${folder}/allowed/`, { recursive: true })).rejects.toThrow(
        AccessDeniedError,
      );
    }
  });
});

describe.each([
  { how: "by the I/O threads", inPlace: false },
  { how: "in the calling thread", inPlace: true },
])("reading a local file $how", ({ inPlace }) => {
  const localStore = (options: LocalStoreOptions = {}) => anyLocalStore({ ...options, inPlace });

  it("reads large ranges whole, into memory that is given too", async () => {
    const bytes = randomBytes(3 * 1024 * 1024);
    await writeFile(join(folder, "large"), bytes);
    await using file = await localStore().open(join(folder, "large"), { signal });
    expect(bytes.subarray(5, -5).equals(await file.read(5, bytes.length - 10, { signal }))).toBe(true);
    const target = new Uint8Array(100);
    await file.readInto?.(77, target, { signal });
    expect(bytes.subarray(77, 177).equals(target)).toBe(true);
  });

  it("gives exactly the bytes asked for and refuses what lies past the end", async () => {
    await writeFile(join(folder, "f"), "0123456789");
    await using file = await localStore().open(join(folder, "f"), { signal });
    expect(file.size).toBe(10);
    expect(Buffer.from(await file.read(3, 4, { signal })).toString()).toBe("3456");
    expect(await file.read(10, 0, { signal })).toHaveLength(0);
    await expect(file.read(8, 3, { signal })).rejects.toThrow(/ends after 10 bytes/);
    await expect(file.read(-1, 3, { signal })).rejects.toThrow(RangeError);
  });

  it("notices a file rewritten in place, and keeps reading the old one when it is replaced by renaming", async () => {
    const path = join(folder, "f");
    await writeFile(path, "0123456789");
    await utimes(path, 1000, 1000);
    await using before = await localStore().open(path, { signal });
    await writeFile(join(folder, "g"), "ABCDEFGHIJ");
    await rename(join(folder, "g"), path);
    expect(Buffer.from(await before.read(0, 3, { signal })).toString()).toBe("012");
    await using after = await localStore().open(path, { signal });
    expect(after.etag).not.toBe(before.etag);
    await writeFile(path, "abcdefghij");
    await utimes(path, 2000, 2000);
    await expect(after.read(0, 3, { signal })).rejects.toThrow(UnreadableFileError);
  });

  it("reports what is missing, a folder and a named pipe by type", async () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);
    await expect(localStore().open(join(folder, "none"), { signal })).rejects.toThrow(SourceMissingError);
    await expect(localStore().open(folder, { signal })).rejects.toThrow(UnreadableFileError);
    await expect(localStore().open(join(folder, "pipe"), { signal })).rejects.toThrow(UnreadableFileError);
  });

  it("stops at an aborted signal and after close", async () => {
    await writeFile(join(folder, "f"), "0123456789");
    const file = await localStore().open(join(folder, "f"), { signal });
    const aborted = AbortSignal.abort(new Error("stop"));
    await expect(file.read(0, 1, { signal: aborted })).rejects.toThrow("stop");
    await expect(localStore().open(join(folder, "f"), { signal: aborted })).rejects.toThrow("stop");
    await file.close();
    await file.close();
    await expect(file.read(0, 1, { signal })).rejects.toThrow(/closed/);
  });
});

describe("listing a local folder", () => {
  it("goes by the UTF-8 byte order of full paths, not by folder or by UTF-16 unit", async () => {
    await mkdir(join(folder, "a"));
    for (const name of ["a/x", "a-b", "a0", "\u{ff21}", "\u{1f600}"]) await writeFile(join(folder, name), "");
    expect(await paths(localStore(), `file://${folder}/`, { recursive: true })).toEqual(
      ["a-b", "a/x", "a0", "\u{ff21}", "\u{1f600}"].map((name) => `file://${folder}/${name}`),
    );
    expect(await paths(localStore(), `${folder}/`, { recursive: false })).toEqual(
      ["a-b", "a0", "\u{ff21}", "\u{1f600}"].map((name) => `${folder}/${name}`),
    );
  });

  it("starts after a path, gives sizes and times, and finds nothing where there is no folder", async () => {
    await mkdir(join(folder, "a"));
    for (const name of ["a/x", "a/y", "a-b", "b"]) await writeFile(join(folder, name), "xyz");
    await utimes(join(folder, "b"), 12, 12);
    const pathsAfter = (name: string) =>
      paths(localStore(), `${folder}/`, { recursive: true, startAfter: `${folder}/${name}` });
    expect(await pathsAfter("a/x")).toEqual([`${folder}/a/y`, `${folder}/b`]);
    expect(await pathsAfter("a/z")).toEqual([`${folder}/b`]);
    expect(await pathsAfter("a-b")).toEqual([`${folder}/a/x`, `${folder}/a/y`, `${folder}/b`]);
    for await (const info of localStore().list(`${folder}/`, { recursive: false, signal })) {
      if (info.path.endsWith("/b"))
        expect(info).toEqual({ path: `${folder}/b`, size: 3, lastModifiedMs: 12_000 });
    }
    expect(await paths(localStore(), `${folder}/none/`, { recursive: true })).toEqual([]);
  });

  it("follows symbolic links once and leaves out dangling ones", async () => {
    await mkdir(join(folder, "a"));
    await writeFile(join(folder, "a/x"), "");
    await symlink(folder, join(folder, "a/back"));
    await symlink(join(folder, "a"), join(folder, "again"));
    await symlink(join(folder, "none"), join(folder, "dangling"));
    expect(await paths(localStore(), `${folder}/`, { recursive: true })).toEqual([
      `${folder}/a/x`,
      `${folder}/again/x`,
    ]);
  });
});
