/** What may happen to one call between a worker and a control plane. A call whose effect stands is still told as failed. */
export type Fault =
  | { readonly kind: "pass" }
  /** Never arrives. Nothing is heard for `silenceMs`, then the stream is reset, as a proxy with an idle limit would. */
  | { readonly kind: "drop-request"; readonly silenceMs: number }
  /** Takes effect; its answer is lost in the same way. */
  | { readonly kind: "drop-response"; readonly silenceMs: number }
  /** Arrives later. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Arrives twice, one after the other; the second answer is given. For unary calls alone. */
  | { readonly kind: "duplicate" }
  /** The stream is reset at once, before or after the call took effect. */
  | { readonly kind: "reset"; readonly afterEffect: boolean }
  /** The connection breaks, under all its calls, before or after this one took effect. */
  | { readonly kind: "disconnect"; readonly afterEffect: boolean }
  /** The connection takes no further call, and ends with those that it has. */
  | { readonly kind: "goaway" }
  /** Answered UNAVAILABLE, without effect. */
  | { readonly kind: "unavailable" }
  /** Request and answer crawl: so many bytes, then a pause. */
  | { readonly kind: "trickle"; readonly bytes: number; readonly pauseMs: number }
  /** Answered UNAUTHENTICATED, without effect. */
  | { readonly kind: "expired-token" };

export type FaultKind = Exclude<Fault["kind"], "pass">;

/** In the order in which a roll chooses among them. */
export const FAULT_KINDS: readonly FaultKind[] = [
  "drop-request",
  "drop-response",
  "delay",
  "duplicate",
  "reset",
  "disconnect",
  "goaway",
  "unavailable",
  "trickle",
  "expired-token",
];

/** Which fault the next call of a method meets. */
export type FaultChooser = (path: string) => Fault;
