import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../model/index.ts";
import { blobKey } from "./blob-key.ts";
import type { Database } from "./database.ts";

/**
 * Blobs by key, in files of a folder. A key is free text (`/accounts/…`, `s3://…`, also `../…`), so a file is named by the
 * hash of its key and no key can lead out of the folder.
 */
export interface Blob {
  readonly contentType: string;
  /** Standard base64 of the content's SHA-256, as the peer's store gives it (02 §5.2 step 7). */
  readonly etag: string;
  readonly size: number;
}

export type BlobFolder = ReturnType<typeof blobFolder>;

export function blobFolder(db: Database, folder: string, clock: Pick<Clock, "nowMs">) {
  const put = db.prepare("INSERT OR REPLACE INTO blobs VALUES (?, ?, ?, ?, ?)");
  const get = db.prepare("SELECT * FROM blobs WHERE blob_key = ?");
  const remove = db.prepare("DELETE FROM blobs WHERE blob_key = ?");
  const unreferenced = db.prepare(
    `SELECT blob_key FROM blobs WHERE stored_at < ? AND NOT EXISTS (
       SELECT 1 FROM artifacts WHERE artifacts.blob_key = blobs.blob_key)
     AND NOT EXISTS (SELECT 1 FROM group_results WHERE ltrim(manifest_uri, '/') = blobs.blob_key) LIMIT ?`,
  );
  const pathOf = (key: string) => {
    const name = createHash("sha256").update(key).digest("hex");
    return { directory: join(folder, name.slice(0, 2)), file: join(folder, name.slice(0, 2), name) };
  };
  const stat = (key: string): Blob | undefined => {
    const row = get.get(blobKey(key));
    return row && { contentType: row.text("content_type"), etag: row.text("etag"), size: row.number("size") };
  };
  return {
    stat,
    /** Overwrites; a reader sees the old content or the new one, never a part. */
    async write(key: string, content: Uint8Array, contentType: string): Promise<Blob> {
      const { directory, file } = pathOf(blobKey(key));
      const temporary = `${file}.${randomUUID()}`;
      await mkdir(directory, { recursive: true });
      try {
        await writeFile(temporary, content);
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      const etag = createHash("sha256").update(content).digest("base64");
      put.run(blobKey(key), contentType, etag, content.length, clock.nowMs());
      return { contentType, etag, size: content.length };
    },
    async read(key: string): Promise<Uint8Array | undefined> {
      if (stat(key) === undefined) return undefined;
      return await readFile(pathOf(blobKey(key)).file);
    },
    async remove(key: string): Promise<void> {
      remove.run(blobKey(key));
      await rm(pathOf(blobKey(key)).file, { force: true });
    },
    /** Blobs that no artifact and no result speaks of, and that are older than a submit under way can be. */
    unreferenced(storedBeforeMs: number, limit: number): string[] {
      return unreferenced.all(storedBeforeMs, limit).map((row) => row.text("blob_key"));
    },
  };
}
