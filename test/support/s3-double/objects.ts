import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly modified: Date;
  /** `content-type` and `x-amz-meta-*` as they were sent. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Buckets in memory; listings in UTF-8 byte order of the keys. */
export class Objects {
  readonly #buckets = new Map<string, Map<string, StoredObject>>();

  createBucket(bucket: string): void {
    if (!this.#buckets.has(bucket)) this.#buckets.set(bucket, new Map());
  }

  hasBucket(bucket: string): boolean {
    return this.#buckets.has(bucket);
  }

  put(
    bucket: string,
    key: string,
    content: Uint8Array | string,
    headers: StoredObject["headers"] = {},
  ): StoredObject {
    this.createBucket(bucket);
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
    const object = { bytes, etag, modified: new Date(1_700_000_000_000), headers };
    this.#buckets.get(bucket)?.set(key, object);
    return object;
  }

  /** Every file below `folder`, under its relative name. */
  async putFolder(bucket: string, prefix: string, folder: string): Promise<void> {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      this.put(bucket, prefix + path.slice(folder.replace(/\/$/, "").length + 1), await readFile(path));
    }
  }

  get(bucket: string, key: string): StoredObject | undefined {
    return this.#buckets.get(bucket)?.get(key);
  }

  delete(bucket: string, key: string): void {
    this.#buckets.get(bucket)?.delete(key);
  }

  /** Keys and objects in order. */
  entries(bucket: string): [string, StoredObject][] {
    return [...(this.#buckets.get(bucket) ?? [])].sort(([a], [b]) =>
      Buffer.compare(Buffer.from(a), Buffer.from(b)),
    );
  }
}
