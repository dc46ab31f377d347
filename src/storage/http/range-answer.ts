import { contentRange, unsatisfiedSize } from "./content-range.ts";
import { unexpectedStatus } from "./refusal.ts";
import type { RangeAnswer, RequestedRange } from "./remote-object.ts";
import type { HttpAnswer } from "./transport.ts";

/** The header that asks for it. */
export function rangeHeader({ from, length }: Pick<RequestedRange, "from" | "length">): string {
  return length === undefined ? `bytes=${from}` : `bytes=${from}-${from + length - 1}`;
}

/** An empty object has no last byte: to a question for the end, 416 is an answer. */
export function expectedOf({ from, length }: Pick<RequestedRange, "from" | "length">): readonly number[] {
  return from < 0 || (from === 0 && length !== undefined) ? [416] : [];
}

/** The bytes of an answer of status 200, 206 or 416; `etag` is the identity of the object that they are of. */
export function rangeAnswer(
  answer: HttpAnswer,
  {
    service,
    path,
    etag,
  }: { readonly service: string; readonly path: string; readonly etag: string | undefined },
): RangeAnswer {
  if (answer.status === 416) {
    const size = unsatisfiedSize(answer);
    answer.drop();
    if (size !== undefined && size > 0) throw unexpectedStatus(service, path, answer.status);
    return { etag, size: 0, from: 0, length: 0, readInto: async () => 0, drop() {} };
  }
  try {
    if (answer.status !== 200 && answer.status !== 206) throw unexpectedStatus(service, path, answer.status);
    return { etag, ...contentRange(answer, path), readInto: answer.readInto, drop: answer.drop };
  } catch (error) {
    answer.drop();
    throw error;
  }
}
