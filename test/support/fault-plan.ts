import type { StatusParts } from "../../src/protocol/port.ts";

/** The calls in the notation of 03 §15: L Lease, S Start, R Renew, P Progress, C? GetReconcileCancellation, … */
export type CallSign = "L" | "S" | "R" | "P" | "C?" | "G" | "K" | "OK" | "KO" | "X";

/** What may happen to one call. */
export type Fault =
  /** Nothing. */
  | { readonly kind: "pass" }
  /** Refused before it has an effect. */
  | { readonly kind: "refuse"; readonly status: StatusParts }
  /** Takes effect, but what comes back is this status. */
  | { readonly kind: "lose-answer"; readonly status: StatusParts }
  /** Takes longer. */
  | { readonly kind: "delay"; readonly ms: number }
  /** Never answered, without effect: the caller's deadline or signal ends it. */
  | { readonly kind: "hang" }
  /** Answered with its "no" (`accepted=false`, `renewed=false`), without effect. */
  | { readonly kind: "answer-no" }
  /** Breaks in a way that isn't an answer at all. */
  | { readonly kind: "throw"; readonly error: Error };

export const UNAVAILABLE: StatusParts = { code: "UNAVAILABLE", message: "connection refused" };
export const FAILED_PRECONDITION: StatusParts = { code: "FAILED_PRECONDITION", message: "not now" };

export const refuse = (status: StatusParts): Fault => ({ kind: "refuse", status });
export const loseAnswer = (status: StatusParts = UNAVAILABLE): Fault => ({ kind: "lose-answer", status });
export const delay = (ms: number): Fault => ({ kind: "delay", ms });
export const unavailable = refuse(UNAVAILABLE);
export const pass: Fault = { kind: "pass" };
export const hang: Fault = { kind: "hang" };
export const answerNo: Fault = { kind: "answer-no" };

/** A status on its way to the caller. */
export class StatusThrown extends Error {
  readonly status: StatusParts;

  constructor(status: StatusParts) {
    super(status.message);
    this.status = status;
  }
}

export function throwStatus(status: StatusParts): never {
  throw new StatusThrown(status);
}

export interface Meeting<T> {
  readonly effect: () => T;
  /** The call's "no", where it has one. */
  readonly no: T | undefined;
  readonly latencyMs: number;
  /** Rejects when the caller's deadline or signal ends the call. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Faults by call, in the order in which calls come. */
export class FaultPlan {
  readonly #planned = new Map<CallSign, Fault[]>();
  readonly #always = new Map<CallSign, Fault>();
  #rule: (sign: CallSign) => Fault | undefined = () => undefined;

  plan(sign: CallSign, faults: readonly Fault[]): void {
    this.#planned.set(sign, [...(this.#planned.get(sign) ?? []), ...faults]);
  }

  planAlways(sign: CallSign, fault: Fault): void {
    this.#always.set(sign, fault);
  }

  planBy(rule: (sign: CallSign) => Fault | undefined): void {
    this.#rule = rule;
  }

  async meet<T>(sign: CallSign, meeting: Meeting<T>): Promise<T> {
    const fault = this.#planned.get(sign)?.shift() ?? this.#always.get(sign) ?? this.#rule(sign) ?? pass;
    if (meeting.latencyMs > 0) await meeting.sleep(meeting.latencyMs);
    switch (fault.kind) {
      case "pass":
        return meeting.effect();
      case "refuse":
        return throwStatus(fault.status);
      case "lose-answer":
        meeting.effect();
        return throwStatus(fault.status);
      case "delay":
        await meeting.sleep(fault.ms);
        return meeting.effect();
      case "hang":
        await meeting.sleep(Number.MAX_SAFE_INTEGER);
        return throwStatus(UNAVAILABLE);
      case "answer-no":
        if (meeting.no === undefined) throw new Error(`${sign} has no "no"`);
        return meeting.no;
      case "throw":
        throw fault.error;
    }
  }
}
