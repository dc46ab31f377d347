import type { HttpSettings } from "../../http/index.ts";
import { AccessDeniedError, type Clock, SourceMissingError, TransientReadError } from "../../model/index.ts";
import type { HttpLimits } from "../http/limits.ts";
import { expectedOf, rangeAnswer, rangeHeader } from "../http/range-answer.ts";
import type { ReadAheadMemory } from "../http/read-ahead-memory.ts";
import { kindOfStatus, type RefusalKind, refusalErrorOf } from "../http/refusal.ts";
import { openRemoteObject, type RangeAnswer, type RequestedRange } from "../http/remote-object.ts";
import { type RetryOptions, retryAfterMs, withRetries } from "../http/retry.ts";
import type { HttpAnswer, Transport } from "../http/transport.ts";
import type { ObjectInfo, ObjectStore } from "../object-store.ts";
import { uriEncode } from "../s3/location.ts";
import { azureTokens } from "./credentials.ts";
import { type AzureListPage, azureListQuery, parseAzureListPage } from "./list.ts";
import { type AzureLocation, azureEndpoint, azureTarget, parseAzurePath } from "./location.ts";
import type { AzureSettings } from "./settings.ts";
import { sharedKeyAuthorization } from "./shared-key.ts";

/**
 * Azure Blob Storage and Data Lake Storage by the Blob service's REST API, read on the same ways as S3 (08 §5): ranged GETs with
 * the first etag, and List Blobs. The service has no ranges of the last bytes, so that opening a longer blob takes two requests.
 */
export interface AzureStoreOptions {
  readonly settings: AzureSettings;
  readonly transport: Transport;
  readonly network: HttpSettings | undefined;
  readonly limits: HttpLimits;
  readonly ahead: ReadAheadMemory;
  readonly clock: Clock;
  readonly random: () => number;
}

interface AzureRequest {
  readonly location: AzureLocation;
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly expected?: readonly number[];
  readonly path: string;
  readonly offset?: number | undefined;
  readonly signal: AbortSignal;
}

const SERVICE = "Azure";
const API_VERSION = "2021-08-06";
const MAX_LIST_BYTES = 32 * 1024 * 1024;

export function azureStore(options: AzureStoreOptions): ObjectStore {
  const { settings, transport, limits, clock, random } = options;
  const { credentials } = settings;
  const tokens = azureTokens(credentials, options);
  const retry: Omit<RetryOptions, "signal"> = { attempts: limits.attempts, clock, random };

  async function sendOnce(request: AzureRequest, token: string | undefined): Promise<HttpAnswer> {
    const { location, query = [], path, signal } = request;
    const { basePath, ...origin } = azureEndpoint(settings.endpoint, location);
    const target = azureTarget(basePath, location);
    const headers: Record<string, string> = {
      ...request.headers,
      "x-ms-version": API_VERSION,
      "x-ms-date": new Date(clock.nowMs()).toUTCString(),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    let text = query.map(([name, value]) => `${name}=${uriEncode(value, { slash: false })}`).join("&");
    if (credentials.kind === "shared-key" || credentials.kind === "sas") {
      const { account } = credentials;
      if (account.toLowerCase() !== location.account) {
        throw new AccessDeniedError(`${path} is in another account than ${account}, whose key is at hand`);
      }
      if (credentials.kind === "sas") {
        text = [text, credentials.sas.replace(/^\?/, "")].filter((part) => part !== "").join("&");
      } else {
        headers.authorization = sharedKeyAuthorization(
          { account, path: target, query, headers },
          credentials.key,
        );
      }
    }
    return await transport.send({
      method: "GET",
      origin,
      target: text === "" ? target : `${target}?${text}`,
      headers,
      signal,
    });
  }

  /** Tried once but for a token that has ended. */
  async function send(request: AzureRequest): Promise<HttpAnswer> {
    const { path, signal, expected = [] } = request;
    let token = await tokens.token({ signal });
    for (let mayRenew = tokens.renewable; ; mayRenew = false) {
      const answer = await sendOnce(request, token);
      const { status, headers } = answer;
      if ((status >= 200 && status < 300) || expected.includes(status)) return answer;
      answer.drop();
      if (status === 401 && mayRenew) {
        token = await tokens.token({ rejected: token, signal });
        continue;
      }
      const code = codeOf(headers["x-ms-error-code"]);
      throw refusalErrorOf({
        service: SERVICE,
        status,
        code,
        retryAfterMs: retryAfterMs(headers["retry-after"]),
        kind: kindOf(status, code),
        path,
        offset: request.offset,
      });
    }
  }

  async function getRange(
    path: string,
    location: AzureLocation,
    range: RequestedRange,
    signal: AbortSignal,
  ): Promise<RangeAnswer> {
    const answer = await send({
      location,
      headers: {
        range: rangeHeader(range),
        ...(range.ifMatch !== undefined && { "if-match": range.ifMatch }),
      },
      expected: expectedOf(range),
      path,
      offset: range.from,
      signal,
    });
    return rangeAnswer(answer, { service: SERVICE, path, etag: answer.headers.etag });
  }

  async function* pages(
    path: string,
    recursive: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<AzureListPage> {
    const location = parseAzurePath(path);
    const { key: prefix, containerPath } = location;
    let marker: string | undefined;
    do {
      const query = azureListQuery({ prefix, recursive, marker });
      const page: AzureListPage = await withRetries(
        async () => {
          const answer = await send({ location: { ...location, key: "" }, query, path, signal });
          const announced = Number(answer.headers["content-length"] ?? Number.NaN);
          if (announced > MAX_LIST_BYTES) throw new TransientReadError(`the list of ${path} is too long`);
          return parseAzureListPage(await answer.text(MAX_LIST_BYTES), containerPath);
        },
        { ...retry, signal },
      );
      yield page;
      marker = page.next;
    } while (marker !== undefined);
  }

  return {
    async open(path, openOptions) {
      openOptions.signal.throwIfAborted();
      const location = parseAzurePath(path);
      if (location.key === "") throw new SourceMissingError(`${path} names a container and no blob in it`);
      const get = (range: RequestedRange, signal: AbortSignal) => getRange(path, location, range, signal);
      return await openRemoteObject(
        { path, get, suffixRanges: false, ahead: options.ahead },
        retry,
        openOptions,
      );
    },
    async *list(prefix, { recursive, startAfter, signal }): AsyncGenerator<ObjectInfo> {
      signal.throwIfAborted();
      const after = startAfter === undefined ? undefined : Buffer.from(startAfter);
      const found: ObjectInfo[] = [];
      for await (const { blobs } of pages(prefix, recursive, signal)) {
        for (const blob of blobs) {
          if (after === undefined || Buffer.compare(Buffer.from(blob.path), after) > 0) found.push(blob);
        }
      }
      // A hierarchical namespace lists by folders, which is another order than that of the paths.
      yield* found.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
    },
  };
}

function codeOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" && /^[A-Za-z0-9]{1,80}$/.test(header) ? header : undefined;
}

function kindOf(status: number, code: string | undefined): RefusalKind {
  if (status !== 409) return kindOfStatus(status);
  if (code === "PublicAccessNotPermitted") return "denied";
  return code === "BlobArchived" ? "refused" : kindOfStatus(status);
}
