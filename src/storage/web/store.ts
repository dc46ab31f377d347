import { type Clock, SourceMissingError } from "../../model/index.ts";
import type { HttpLimits } from "../http/limits.ts";
import { expectedOf, rangeAnswer, rangeHeader } from "../http/range-answer.ts";
import type { ReadAheadMemory } from "../http/read-ahead-memory.ts";
import { kindOfStatus, refusalErrorOf, StoreRefusedError } from "../http/refusal.ts";
import { openRemoteObject, type RangeAnswer, type RequestedRange } from "../http/remote-object.ts";
import { retryAfterMs } from "../http/retry.ts";
import type { HttpAnswer, Transport } from "../http/transport.ts";
import type { ObjectStore } from "../object-store.ts";
import { parseWebPath, redirectTarget, type WebLocation } from "./location.ts";

/**
 * Files of web servers, `https://` and `http://`, for `capture` and `inspect`: read by range, without credentials. Where a server
 * redirects, as download pages do to signed addresses, the target is kept for the file and asked for anew once it has ended.
 * Servers that serve no ranges are refused, and folders can't be listed.
 */
export interface WebStoreOptions {
  readonly transport: Transport;
  readonly limits: HttpLimits;
  readonly ahead: ReadAheadMemory;
  readonly clock: Clock;
  readonly random: () => number;
}

const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** A signed address that has ended is refused by one of these. */
const ENDED: ReadonlySet<number> = new Set([400, 401, 403, 404, 410]);

export function webStore(options: WebStoreOptions): ObjectStore {
  const { transport, limits, clock, random } = options;

  function openFile(path: string): (range: RequestedRange, signal: AbortSignal) => Promise<RangeAnswer> {
    const home = parseWebPath(path);
    let moved: WebLocation | undefined;
    let hasRanges = false;

    async function send(headers: Record<string, string>, signal: AbortSignal): Promise<HttpAnswer> {
      let wasKept = moved !== undefined;
      let at = moved ?? home;
      for (let redirects = 0; ; ) {
        const { origin, host, target } = at;
        const answer = await transport.send({
          method: "GET",
          origin,
          target,
          headers: { ...headers, host, "accept-encoding": "identity" },
          signal,
        });
        if (REDIRECTS.has(answer.status)) {
          answer.drop();
          const next = redirectTarget(answer.headers.location, at);
          if (next === undefined || ++redirects > MAX_REDIRECTS) {
            const why = next === undefined ? "where we don't follow" : `more than ${MAX_REDIRECTS} times`;
            throw new StoreRefusedError(`${home.host} redirects ${path} ${why} (${answer.status})`);
          }
          at = next;
        } else if (wasKept && ENDED.has(answer.status)) {
          answer.drop();
          wasKept = false;
          at = home;
        } else {
          moved = at === home ? undefined : at;
          return answer;
        }
      }
    }

    return async (range, signal) => {
      const { ifMatch } = range;
      const headers = {
        range: rangeHeader(range),
        // A weak one matches nothing by the rules of HTTP; it is compared with what the answer says.
        ...(ifMatch?.startsWith('"') && { "if-match": ifMatch }),
      };
      const answer = await send(headers, signal);
      const { status } = answer;
      if (status !== 200 && status !== 206 && !expectedOf(range).includes(status)) {
        answer.drop();
        throw refusalErrorOf({
          service: home.host,
          status,
          code: undefined,
          retryAfterMs: retryAfterMs(answer.headers["retry-after"]),
          kind: kindOfStatus(status === 410 ? 404 : status),
          path,
          offset: range.from < 0 ? undefined : range.from,
        });
      }
      if ((answer.headers["content-encoding"] ?? "identity") !== "identity") {
        answer.drop();
        throw new StoreRefusedError(`${home.host} sends ${path} packed, in which there are no ranges`);
      }
      const part = rangeAnswer(answer, { service: home.host, path, etag: identityOf(answer) });
      hasRanges ||= status === 206;
      if (status === 200 && !hasRanges && range.from >= 0 && range.length !== part.length) {
        part.drop();
        throw new StoreRefusedError(
          `${home.host} serves no parts of ${path}: it must answer to ranges; download the file and read it from the disk`,
        );
      }
      return part;
    };
  }

  return {
    async open(path, openOptions) {
      openOptions.signal.throwIfAborted();
      return await openRemoteObject(
        { path, get: openFile(path), suffixRanges: true, ahead: options.ahead },
        { attempts: limits.attempts, clock, random },
        openOptions,
      );
    },
    // biome-ignore lint/correctness/useYield: there is nothing to list
    async *list(prefix) {
      const { host } = parseWebPath(prefix);
      throw new SourceMissingError(
        `${prefix.replace(/\/+$/, "")} is no file of ${host}, and a web server's folders can't be listed: name each file`,
      );
    },
  };
}

/** The etag, weak or not, else the time of the last change: what must not differ between two parts of a file. */
function identityOf({ headers }: HttpAnswer): string | undefined {
  const modified = headers["last-modified"];
  return headers.etag ?? (modified === undefined ? undefined : `last modified ${modified}`);
}
