/** The server speaks something that results must not be sent to; the message says what was found. */
export class UnsupportedServerError extends Error {
  override readonly name = "UnsupportedServerError";
}

/** The server offers no reflection to us: what it speaks has to be configured. */
export class ReflectionUnavailableError extends Error {
  override readonly name = "ReflectionUnavailableError";

  /** What was found, without what to do about it. */
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(`${reason}; set the wire generation that the control plane speaks (inline or chunked)`, options);
    this.reason = reason;
  }
}
