import type { Clock } from "../../model/index.ts";
import { type AskCredentials, createKeyRing } from "../credentials/access.ts";
import type { HttpAnswer, Transport } from "../http/transport.ts";
import type { S3Keys, S3Settings } from "../settings.ts";
import { isExpiry, readRefusal, refusalError, type S3Refusal } from "./errors.ts";
import { type S3Location, s3Address } from "./location.ts";
import { canonicalQuery, signed } from "./sign.ts";

/**
 * One signed request to S3, tried once but for what is learnt from a refusal: the bucket's region, where the answer names it,
 * and keys that have ended and can be renewed (decision 22). Everything else is the caller's to try again.
 */
export interface S3Client {
  send(request: S3Request): Promise<HttpAnswer>;
}

export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT";
  readonly location: S3Location;
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Statuses beside 2xx that are answers to the caller and not refusals. */
  readonly expected?: readonly number[];
  /** For messages. */
  readonly path: string;
  readonly offset?: number | undefined;
  readonly signal: AbortSignal;
}

const DEFAULT_REGION = "us-east-1";
const REGION_CODES: ReadonlySet<string> = new Set([
  "PermanentRedirect",
  "TemporaryRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
]);

export function createS3Client(options: {
  readonly settings: S3Settings;
  readonly transport: Transport;
  readonly ask: AskCredentials;
  readonly clock: Clock;
}): S3Client {
  const { settings, transport, clock } = options;
  const ring = createKeyRing(settings.credentials, options.ask, clock);
  /** Found out, by bucket. */
  const regions = new Map<string, string>();
  const regionOf = (bucket: string) => regions.get(bucket) ?? settings.region ?? DEFAULT_REGION;

  async function sendOnce(request: S3Request, keys: S3Keys | undefined, region: string): Promise<HttpAnswer> {
    const { method, location, query = [], body, signal } = request;
    const { origin, host, path } = s3Address(settings, region, location);
    const headers = {
      ...request.headers,
      ...(body !== undefined && { "content-length": String(body.length) }),
    };
    const text = canonicalQuery(query);
    return await transport.send({
      method,
      origin,
      target: text === "" ? path : `${path}?${text}`,
      headers:
        keys === undefined
          ? { ...headers, host }
          : signed({ method, host, path, query, headers, body }, { keys, region, nowMs: clock.nowMs() }),
      body,
      signal,
    });
  }

  /** True if the answer names another region than the one that was asked, which is remembered. */
  function learnRegion({ bucket }: S3Location, asked: string, { status, code, region }: S3Refusal): boolean {
    const isOfRegion = status === 301 || status === 307 || (code !== undefined && REGION_CODES.has(code));
    if (!isOfRegion || region === undefined || !/^[a-z0-9-]{1,40}$/.test(region)) return false;
    if (region === asked) return false;
    regions.set(bucket, region);
    return true;
  }

  return {
    async send(request) {
      const { location, signal, expected = [] } = request;
      let keys = await ring.keys({ signal });
      let mayRenew = ring.renewable;
      let mayMove = true;
      for (;;) {
        const region = regionOf(location.bucket);
        const answer = await sendOnce(request, keys, region);
        const isGood = (answer.status >= 200 && answer.status < 300) || expected.includes(answer.status);
        if (isGood) return answer;
        const refusal = await readRefusal(answer);
        signal.throwIfAborted();
        if (mayMove && learnRegion(location, region, refusal)) {
          mayMove = false;
        } else if (mayRenew && isExpiry(refusal)) {
          mayRenew = false;
          keys = await ring.keys({ rejected: keys, signal });
        } else {
          throw refusalError(refusal, request.path, request.offset);
        }
      }
    },
  };
}
