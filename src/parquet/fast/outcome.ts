import { OUTCOME } from "../../wasm/index.ts";
import { DecodeError } from "../decode-error.ts";

/** Turns a kernel's failure into an error that says what was wrong with what; other outcomes pass through. */
export function check(outcome: number, what: string): number {
  if (outcome >= 0) return outcome;
  throw new DecodeError(reason(outcome, what));
}

function reason(outcome: number, what: string): string {
  switch (outcome) {
    case OUTCOME.truncated:
      return `${what}: the data ends before the last value that the page announces`;
    case OUTCOME.malformed:
      return `${what}: the data is damaged`;
    case OUTCOME.sizeMismatch:
      return `${what}: the data does not have the size that is announced`;
    case OUTCOME.badIndex:
      return `${what}: an index is beyond the dictionary`;
    case OUTCOME.emptyDecimal:
      return "Zero length BigInteger";
    case OUTCOME.levelTooHigh:
      return `${what}: a level is above the column's maximum`;
    default:
      return `${what}: unknown outcome ${outcome}`;
  }
}
