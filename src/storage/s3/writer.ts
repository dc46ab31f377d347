import { systemClock } from "../../model/index.ts";
import { httpLimits } from "../http/limits.ts";
import { withRetries } from "../http/retry.ts";
import type { Transport } from "../http/transport.ts";
import type { OpenStoreOptions } from "../open-store.ts";
import type { S3Settings, StoreSettings } from "../settings.ts";
import { createS3Client, type S3Client } from "./client.ts";
import { parseS3Path } from "./location.ts";

/** Writes whole objects: results of a worker that go into the control plane's bucket (08 §7). Tables are never written. */
export interface S3Writer {
  put(
    path: string,
    bytes: Uint8Array,
    options: { readonly contentType?: string; readonly signal: AbortSignal },
  ): Promise<void>;
  close(): void;
}

export function openS3Writer(
  settings: Pick<StoreSettings, "reach" | "network" | "limits"> & { readonly s3: S3Settings },
  options: OpenStoreOptions = {},
): S3Writer {
  const { clock = systemClock, random = Math.random } = options;
  const limits = httpLimits(settings.limits);
  let opened: Promise<{ transport: Transport; client: S3Client }> | undefined;

  async function connect() {
    const { createTransport } = await import("../http/transport.ts");
    const ask = options.credentials ?? (await import("../credentials/chain.ts")).machineCredentials;
    const transport = createTransport({ limits, reach: settings.reach, network: settings.network, clock });
    return { transport, client: createS3Client({ settings: settings.s3, transport, ask, clock }) };
  }

  return {
    async put(path, bytes, { contentType, signal }) {
      const location = parseS3Path(path);
      opened ??= connect();
      const { client } = await opened;
      await withRetries(
        async () => {
          const answer = await client.send({
            method: "PUT",
            location,
            headers: contentType === undefined ? {} : { "content-type": contentType },
            body: bytes,
            path,
            signal,
          });
          answer.drop();
        },
        { attempts: limits.attempts, clock, random, signal },
      );
    },
    close() {
      opened?.then(
        ({ transport }) => transport.close(),
        () => undefined,
      );
    },
  };
}
