/** A type text or type parameters that 07 §1 does not allow. In a roll-up this fails the group (07 §9.3). */
export class LogicalTypeError extends Error {
  override readonly name = "LogicalTypeError";
}

/** A value or a text that does not fit its logical type (07 §2, §3). Callers add file, column and page. */
export class LogicalValueError extends Error {
  override readonly name = "LogicalValueError";
}
