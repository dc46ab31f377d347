import { type Clock, SourceMissingError, TransientReadError } from "../../model/index.ts";
import type { AskCredentials } from "../credentials/access.ts";
import type { HttpLimits } from "../http/limits.ts";
import { expectedOf, rangeAnswer, rangeHeader } from "../http/range-answer.ts";
import type { ReadAheadMemory } from "../http/read-ahead-memory.ts";
import { openRemoteObject, type RangeAnswer, type RequestedRange } from "../http/remote-object.ts";
import { type RetryOptions, withRetries } from "../http/retry.ts";
import type { Transport } from "../http/transport.ts";
import type { ObjectInfo, ObjectStore } from "../object-store.ts";
import type { S3Settings } from "../settings.ts";
import { createS3Client } from "./client.ts";
import { type ListPage, listQuery, objectInfos, parseListPage } from "./list.ts";
import { parseS3Path, type S3Location } from "./location.ts";

/**
 * S3 and its like (08 §5): ranged GETs and ListObjectsV2, nothing else. A store of our own instead of the SDK's client: keys
 * go out literally, a replaced object is noticed, broken bodies are taken up again, and a capture thread stays small
 * (ARCHITECTURE.md has the figures).
 */
export interface S3StoreOptions {
  readonly settings: S3Settings;
  readonly transport: Transport;
  readonly ask: AskCredentials;
  readonly limits: HttpLimits;
  readonly ahead: ReadAheadMemory;
  readonly clock: Clock;
  readonly random: () => number;
}

const MAX_LIST_BYTES = 16 * 1024 * 1024;

export function s3Store(options: S3StoreOptions): ObjectStore {
  const { limits, clock, random } = options;
  const client = createS3Client(options);
  const retry: Omit<RetryOptions, "signal"> = { attempts: limits.attempts, clock, random };

  async function getRange(
    path: string,
    location: S3Location,
    range: RequestedRange,
    signal: AbortSignal,
  ): Promise<RangeAnswer> {
    const answer = await client.send({
      method: "GET",
      location,
      headers: {
        range: rangeHeader(range),
        ...(range.ifMatch !== undefined && { "if-match": range.ifMatch }),
      },
      expected: expectedOf(range),
      path,
      offset: range.from < 0 ? undefined : range.from,
      signal,
    });
    return rangeAnswer(answer, { service: "S3", path, etag: answer.headers.etag });
  }

  async function listPage(
    prefix: string,
    location: S3Location,
    query: Parameters<typeof listQuery>[0],
    signal: AbortSignal,
  ): Promise<ListPage> {
    return await withRetries(
      async () => {
        const answer = await client.send({
          method: "GET",
          location: { ...location, key: "" },
          query: listQuery(query),
          path: prefix,
          signal,
        });
        const xml = await answer.text(MAX_LIST_BYTES);
        const announced = Number(answer.headers["content-length"] ?? Number.NaN);
        if (announced > MAX_LIST_BYTES) throw new TransientReadError(`the list of ${prefix} is too long`);
        return parseListPage(xml, prefix);
      },
      { ...retry, signal },
    );
  }

  return {
    async open(path, openOptions) {
      openOptions.signal.throwIfAborted();
      const location = parseS3Path(path);
      // A GET of the bucket itself answers with a list.
      if (location.key === "") throw new SourceMissingError(`${path} names a bucket and no object in it`);
      const get = (range: RequestedRange, rangeSignal: AbortSignal) =>
        getRange(path, location, range, rangeSignal);
      return await openRemoteObject(
        { path, get, suffixRanges: true, ahead: options.ahead },
        retry,
        openOptions,
      );
    },
    async *list(prefix, { recursive, startAfter, signal }): AsyncGenerator<ObjectInfo> {
      signal.throwIfAborted();
      const location = parseS3Path(prefix);
      const bucketPath = `${location.scheme}://${location.bucket}`;
      const after = startAfter === undefined ? undefined : parseS3Path(startAfter).key;
      let token: string | undefined;
      do {
        const query = { prefix: location.key, recursive, startAfter: after, token };
        const page = await listPage(prefix, location, query, signal);
        yield* objectInfos(page, bucketPath);
        token = page.next;
      } while (token !== undefined);
    },
  };
}
