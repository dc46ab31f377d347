import { TransientReadError } from "../../model/index.ts";
import type { HttpAnswer } from "./transport.ts";

export interface ContentRange {
  readonly from: number;
  readonly length: number;
  readonly size: number;
}

/**
 * Which bytes an answer of status 200 or 206 holds. A range that contradicts itself or the announced length is a failed read,
 * never a guess; a server that passes over the range sends the whole object.
 */
export function contentRange(answer: HttpAnswer, path: string): ContentRange {
  const announced = wholeNumber(answer.headers["content-length"]);
  if (answer.status === 200) {
    if (announced === undefined)
      throw new TransientReadError(`${path}: the answer doesn't say how long it is`);
    return { from: 0, length: announced, size: announced };
  }
  const text = answer.headers["content-range"] ?? "";
  const match = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16})$/.exec(text.trim());
  const [from, last, size] = (match?.slice(1) ?? []).map(Number);
  if (from === undefined || last === undefined || size === undefined || from > last || last >= size) {
    throw new TransientReadError(
      `${path}: the answer's Content-Range makes no sense (${JSON.stringify(text)})`,
    );
  }
  const length = last - from + 1;
  if (announced !== undefined && announced !== length) {
    throw new TransientReadError(`${path}: ${announced} bytes were announced for the range ${text}`);
  }
  return { from, length, size };
}

/** Size of an object of which a range was asked that it doesn't have: `bytes *\/10` of status 416. */
export function unsatisfiedSize(answer: HttpAnswer): number | undefined {
  return wholeNumber(/^bytes \*\/(\d{1,16})$/.exec(answer.headers["content-range"]?.trim() ?? "")?.[1]);
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}
