import type { HttpSettings } from "../../http/index.ts";
import { type Clock, SourceMissingError, TableError, TransientReadError } from "../../model/index.ts";
import { parseServiceEndpoint } from "../http/endpoint.ts";
import type { HttpLimits } from "../http/limits.ts";
import { expectedOf, rangeAnswer, rangeHeader } from "../http/range-answer.ts";
import type { ReadAheadMemory } from "../http/read-ahead-memory.ts";
import { kindOfStatus, type RefusalKind, refusalErrorOf } from "../http/refusal.ts";
import { openRemoteObject, type RangeAnswer, type RequestedRange } from "../http/remote-object.ts";
import { type RetryOptions, retryAfterMs, withRetries } from "../http/retry.ts";
import type { HttpAnswer, Transport } from "../http/transport.ts";
import type { ObjectInfo, ObjectStore } from "../object-store.ts";
import { uriEncode } from "../s3/location.ts";
import { gcsTokens } from "./credentials.ts";
import { type GcsListQuery, gcsListQuery, parseGcsListPage } from "./list.ts";
import type { GcsSettings } from "./settings.ts";

/**
 * Google Cloud Storage by its JSON API, read on the same ways as S3 (08 §5): ranged GETs and lists. An object is known by its
 * generation, and every later range asks for that one, so that an object replaced meanwhile is an error and not a mixture.
 */
export interface GcsStoreOptions {
  readonly settings: GcsSettings;
  readonly transport: Transport;
  readonly network: HttpSettings | undefined;
  readonly limits: HttpLimits;
  readonly ahead: ReadAheadMemory;
  readonly clock: Clock;
  readonly random: () => number;
}

const SERVICE = "Google Cloud Storage";
const ENDPOINT = "https://storage.googleapis.com";
const MAX_LIST_BYTES = 16 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

interface Location {
  readonly bucket: string;
  /** Everything after the bucket, literally (08 §5.2). */
  readonly key: string;
}

export function gcsStore(options: GcsStoreOptions): ObjectStore {
  const { transport, limits, clock, random } = options;
  const { basePath, ...origin } = parseServiceEndpoint(
    options.settings.endpoint ?? ENDPOINT,
    "STORAGE_EMULATOR_HOST",
  );
  const tokens = gcsTokens(options.settings.credentials, options);
  const retry: Omit<RetryOptions, "signal"> = { attempts: limits.attempts, clock, random };

  /** One request, tried once but for a token that has ended. */
  async function send(request: {
    readonly target: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly expected?: readonly number[];
    readonly path: string;
    readonly offset?: number | undefined;
    readonly signal: AbortSignal;
  }): Promise<HttpAnswer> {
    const { path, signal, expected = [] } = request;
    let token = await tokens.token({ signal });
    for (let mayRenew = tokens.renewable; ; mayRenew = false) {
      const answer = await transport.send({
        method: "GET",
        origin,
        target: `${basePath}/storage/v1${request.target}`,
        headers: {
          ...request.headers,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        signal,
      });
      const { status } = answer;
      if ((status >= 200 && status < 300) || expected.includes(status)) return answer;
      const code = reasonOf(await answer.text(MAX_ERROR_BYTES).catch(() => ""));
      signal.throwIfAborted();
      if (status === 401 && mayRenew) {
        token = await tokens.token({ rejected: token, signal });
        continue;
      }
      throw refusalErrorOf({
        service: SERVICE,
        status,
        code,
        retryAfterMs: retryAfterMs(answer.headers["retry-after"]),
        kind: kindOf(status, code),
        path,
        offset: request.offset,
        hint: status === 401 && token === undefined ? ": it wants to know who asks" : undefined,
      });
    }
  }

  async function getRange(
    path: string,
    { bucket, key }: Location,
    range: RequestedRange,
    signal: AbortSignal,
  ): Promise<RangeAnswer> {
    const same = range.ifMatch === undefined ? "" : `&ifGenerationMatch=${range.ifMatch}`;
    const answer = await send({
      target: `/b/${segment(bucket)}/o/${segment(key)}?alt=media${same}`,
      headers: { range: rangeHeader(range) },
      expected: expectedOf(range),
      path,
      offset: range.from < 0 ? undefined : range.from,
      signal,
    });
    return rangeAnswer(answer, { service: SERVICE, path, etag: generationOf(answer) });
  }

  async function listPage(path: string, bucket: string, query: GcsListQuery, signal: AbortSignal) {
    return await withRetries(
      async () => {
        const target = `/b/${segment(bucket)}/o?${gcsListQuery(query)}`;
        const answer = await send({ target, path, signal });
        const announced = Number(answer.headers["content-length"] ?? Number.NaN);
        if (announced > MAX_LIST_BYTES) throw new TransientReadError(`the list of ${path} is too long`);
        const text = await answer.text(MAX_LIST_BYTES);
        return parseGcsListPage(text, { bucketPath: `gs://${bucket}`, startAfter: query.startAfter });
      },
      { ...retry, signal },
    );
  }

  return {
    async open(path, openOptions) {
      openOptions.signal.throwIfAborted();
      const location = parseGcsPath(path);
      if (location.key === "") throw new SourceMissingError(`${path} names a bucket and no object in it`);
      const get = (range: RequestedRange, signal: AbortSignal) => getRange(path, location, range, signal);
      return await openRemoteObject(
        { path, get, suffixRanges: true, ahead: options.ahead },
        retry,
        openOptions,
      );
    },
    async *list(prefix, { recursive, startAfter, signal }): AsyncGenerator<ObjectInfo> {
      signal.throwIfAborted();
      const { bucket, key } = parseGcsPath(prefix);
      const after = startAfter === undefined ? undefined : parseGcsPath(startAfter).key;
      let token: string | undefined;
      do {
        const query = { prefix: key, recursive, startAfter: after, token };
        const page = await listPage(prefix, bucket, query, signal);
        yield* page.objects;
        token = page.next;
      } while (token !== undefined);
    },
  };
}

function parseGcsPath(path: string): Location {
  const match = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,221})(?:\/(.*))?$/s.exec(path);
  const bucket = match?.[1];
  if (bucket === undefined) throw new TableError(`${path} names no bucket: gs://bucket/key is needed`);
  return { bucket, key: match?.[2] ?? "" };
}

/** The JSON API wants the whole key as one segment. */
function segment(text: string): string {
  return uriEncode(text, { slash: false });
}

function generationOf({ headers }: HttpAnswer): string | undefined {
  const generation = headers["x-goog-generation"];
  return typeof generation === "string" && /^\d{1,20}$/.test(generation) ? generation : undefined;
}

/** `reason` of the first error, of which there is one. */
function reasonOf(text: string): string | undefined {
  return /"reason"\s*:\s*"([A-Za-z0-9]{1,80})"/.exec(text)?.[1];
}

function kindOf(status: number, reason: string | undefined): RefusalKind {
  const isLimit = reason === "rateLimitExceeded" || reason === "userRateLimitExceeded";
  return status === 403 && isLimit ? "throttled" : kindOfStatus(status);
}
