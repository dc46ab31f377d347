/** No answer, or none that can be used; what the answer's status means is the caller's business. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  /** `timeout` and `network` may go away by themselves, `too-large` and `malformed` don't. */
  readonly reason: "timeout" | "network" | "too-large" | "malformed";
  /** Such as `ECONNREFUSED`, where the system has one. */
  readonly code: string | undefined;

  constructor(reason: HttpError["reason"], message: string, options?: ErrorOptions & { code?: string }) {
    super(message, options);
    this.reason = reason;
    this.code = options?.code;
  }
}
