import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import { openS3Writer, type S3Settings } from "../../src/storage/index.ts";

/** An S3 server that others wrote, with one bucket in a temporary folder. Its keys are `S3RVER` and `S3RVER`. */
export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  /** How a store reaches it. */
  readonly settings: S3Settings;
  put(key: string, content: Uint8Array | string): Promise<void>;
  /** Every file below `folder`, under its relative name. */
  putFolder(prefix: string, folder: string): Promise<void>;
}

export async function startS3rver(bucket = "bucket"): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), "s3rver-"));
  const server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory,
    configureBuckets: [{ name: bucket, configs: [] }],
  });
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  const settings: S3Settings = {
    schemes: ["s3", "s3a", "s3n"],
    endpoint,
    region: "us-east-1",
    pathStyle: true,
    credentials: { kind: "static", accessKeyId: "S3RVER", secretAccessKey: "S3RVER" },
  };
  const writer = openS3Writer({ s3: settings });
  const { signal } = new AbortController();
  const put = async (key: string, content: Uint8Array | string) => {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    await writer.put(`s3://${bucket}/${key}`, bytes, { signal });
  };
  return {
    endpoint,
    settings,
    put,
    async putFolder(prefix, folder) {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        await put(prefix + path.slice(folder.replace(/\/$/, "").length + 1), await readFile(path));
      }
    },
    async [Symbol.asyncDispose]() {
      writer.close();
      await server.close();
      await rm(directory, { recursive: true });
    },
  };
}
