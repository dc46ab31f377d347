import { systemClock } from "../../model/index.ts";
import { mainThreadCredentials } from "../credentials/access.ts";
import { httpLimits } from "../http/limits.ts";
import { withRetries } from "../http/retry.ts";
import type { HttpAnswer } from "../http/transport.ts";
import type { OpenStoreOptions } from "../open-store.ts";
import type { S3Settings, StoreSettings } from "../settings.ts";
import { createS3Client, type S3Client, type S3Request } from "./client.ts";
import { parseS3Path } from "./location.ts";

const METADATA = "x-amz-meta-";

/** Writes whole objects: results of a worker that go into the control plane's bucket (08 §7). Tables are never written. */
export interface S3Writer {
  put(
    path: string,
    bytes: Uint8Array,
    options: {
      readonly contentType?: string;
      /** User metadata: `x-amz-meta-*`. */
      readonly metadata?: Readonly<Record<string, string>>;
      readonly signal: AbortSignal;
    },
  ): Promise<void>;
  /** User metadata of an object, names in lower case; undefined if it isn't there. */
  metadata(
    path: string,
    options: { readonly signal: AbortSignal },
  ): Promise<Readonly<Record<string, string>> | undefined>;
  close(): void;
}

export function openS3Writer(
  settings: Pick<StoreSettings, "reach" | "network" | "limits"> & { readonly s3: S3Settings },
  options: OpenStoreOptions = {},
): S3Writer {
  const { clock = systemClock, random = Math.random } = options;
  const limits = httpLimits(settings.limits);
  let opened: Promise<{ close: () => void; client: S3Client }> | undefined;

  async function connect() {
    const { connectionsOf } = await import("../http/connections.ts");
    const ask = options.credentials ?? mainThreadCredentials;
    const { transport, close } = connectionsOf(settings, clock);
    return { close, client: createS3Client({ settings: settings.s3, transport, ask, clock }) };
  }

  async function send(request: Omit<S3Request, "location">): Promise<HttpAnswer> {
    const location = parseS3Path(request.path);
    opened ??= connect();
    const { client } = await opened;
    return await withRetries(() => client.send({ ...request, location }), {
      attempts: limits.attempts,
      clock,
      random,
      signal: request.signal,
    });
  }

  return {
    async put(path, bytes, { contentType, metadata = {}, signal }) {
      const headers = Object.fromEntries(
        Object.entries(metadata).map(([name, value]) => [`${METADATA}${name}`, value]),
      );
      if (contentType !== undefined) headers["content-type"] = contentType;
      const answer = await send({ method: "PUT", headers, body: bytes, path, signal });
      answer.drop();
    },
    async metadata(path, { signal }) {
      const answer = await send({ method: "HEAD", expected: [404], path, signal });
      answer.drop();
      if (answer.status === 404) return undefined;
      return Object.fromEntries(
        Object.entries(answer.headers).flatMap(([name, value]) =>
          name.startsWith(METADATA) && typeof value === "string"
            ? [[name.slice(METADATA.length), value]]
            : [],
        ),
      );
    },
    close() {
      opened?.then(
        ({ close }) => close(),
        () => undefined,
      );
    },
  };
}
