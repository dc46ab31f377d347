import type { Origin } from "./types.ts";

/** What may be shown of a value: everything but secrets. Undefined: unset. */
export function shownValue({ info, text }: Origin): string | undefined {
  return text !== undefined && info.secret === true ? "****" : text;
}
