/**
 * Makes error trailers of the peer readable (02 §1.4). The peer sends `grpc-status-details-bin` twice, Node joins the two
 * values with a comma, and the gRPC transport fails on the result: so the values are moved to a header of our own before
 * the transport looks, which then takes code and text from `grpc-status` and `grpc-message`.
 */
import type { UniversalClientFn } from "@connectrpc/connect/protocol";

const STATUS_DETAILS = "grpc-status-details-bin";
const STATUS_MESSAGE = "grpc-message";

/** Never on the wire: where the values wait for `statusDetailValues`. */
const SET_ASIDE = "x-set-aside-status-details";

/** An HTTP client whose responses carry no `grpc-status-details-bin`, only what was set aside of it. */
export function setStatusDetailsAside(client: UniversalClientFn): UniversalClientFn {
  return async (request) => {
    const response = await client(request);
    // An error without a body carries its status in the headers.
    setAside(response.header);
    return { ...response, body: afterLast(response.body, () => setAside(response.trailer)) };
  };
}

/** The base64 values that were set aside, in the order in which they were sent. */
export function statusDetailValues(metadata: Headers): string[] {
  return (metadata.get(SET_ASIDE) ?? "")
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

function setAside(headers: Headers): void {
  const details = headers.get(STATUS_DETAILS);
  headers.delete(SET_ASIDE);
  if (details !== null) {
    headers.delete(STATUS_DETAILS);
    headers.set(SET_ASIDE, details);
  }
  const message = headers.get(STATUS_MESSAGE);
  if (message !== null && !isPercentEncoded(message)) {
    headers.set(STATUS_MESSAGE, encodeURIComponent(message));
  }
}

/** The transport would fail on a bare `%`, and lose the status with it. */
function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Trailers are complete once the body has ended. `throw` goes through, since the transport uses it to give up. */
function afterLast(body: AsyncIterable<Uint8Array>, action: () => void): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const inner = body[Symbol.asyncIterator]();
      return {
        async next() {
          const result = await inner.next();
          if (result.done === true) action();
          return result;
        },
        ...(inner.throw && { throw: inner.throw.bind(inner) }),
        ...(inner.return && { return: inner.return.bind(inner) }),
      };
    },
  };
}
