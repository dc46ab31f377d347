import { check } from "./outcome.ts";
import type { PlainValues } from "./region.ts";
import type { Session } from "./session.ts";

/**
 * Byte arrays as the text they stand for: as they are where all are valid UTF-8, else rewritten with U+FFFD for what is
 * malformed (06 §3.6, 07 §6.3).
 */
export function asText(session: Session, values: PlainValues): PlainValues {
  const { address, length, count } = values;
  const valid = check(session.kernels.allUtf8(address, length, count), "byte arrays");
  return valid === 1 ? values : repaired(session, values, 0);
}

/** Fixed-length values as byte arrays of text. */
export function fixedAsText(session: Session, values: PlainValues, width: number): PlainValues {
  return repaired(session, values, width);
}

function repaired(session: Session, { address, length, count }: PlainValues, width: number): PlainValues {
  // A byte becomes three at most; each value gets a length.
  const capacity = 3 * length + 4 * count;
  const to = session.arena.reserve(capacity);
  const written = session.kernels.repairAll(address, length, count, width, to, capacity);
  return { address: to, length: check(written, "byte arrays"), count };
}
