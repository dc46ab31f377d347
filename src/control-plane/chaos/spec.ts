/**
 * What faults to make, as text: `name=value` separated by commas, such as `seed=7,rate=0.1,delay=0.2,restart-every-ms=20000`.
 * A fault's own name gives its share of the calls; `rate` is divided evenly among the faults that have none.
 */
import { UsageError } from "../../model/index.ts";
import { FAULT_KINDS, type FaultKind } from "./fault.ts";

export interface ChaosSpec {
  readonly seed: number;
  /** Probability of each fault, for one call. */
  readonly shares: Readonly<Record<FaultKind, number>>;
  readonly maxDelayMs: number;
  /** How long a dropped call stays silent before its stream is reset. */
  readonly silenceMs: number;
  readonly tricklePauseMs: number;
  /** 0: never. */
  readonly restartEveryMs: number;
  /** 0: never. */
  readonly jumpEveryMs: number;
  /** Furthest that the control plane's wall clock jumps, forth or back. */
  readonly maxJumpMs: number;
}

const DEFAULTS = {
  seed: 1,
  "max-delay-ms": 500,
  "silence-ms": 2000,
  "trickle-pause-ms": 5,
  "restart-every-ms": 0,
  "jump-every-ms": 0,
  "max-jump-ms": 10_000,
};

export function parseChaosSpec(text: string): ChaosSpec {
  const values = new Map<string, number>(Object.entries(DEFAULTS));
  const known = new Set<string>([...values.keys(), ...FAULT_KINDS, "rate"]);
  for (const part of text.split(",").map((item) => item.trim())) {
    if (part === "") continue;
    const [name = "", value = ""] = part.split("=", 2).map((side) => side.trim());
    if (!known.has(name)) {
      throw new UsageError(`--chaos: ${JSON.stringify(name)} is none of ${[...known].join(", ")}`);
    }
    values.set(name, numberOf(name, value));
  }
  const value = (name: keyof typeof DEFAULTS) => values.get(name) ?? DEFAULTS[name];
  return {
    seed: value("seed"),
    shares: sharesOf(values),
    maxDelayMs: value("max-delay-ms"),
    silenceMs: value("silence-ms"),
    tricklePauseMs: value("trickle-pause-ms"),
    restartEveryMs: value("restart-every-ms"),
    jumpEveryMs: value("jump-every-ms"),
    maxJumpMs: value("max-jump-ms"),
  };
}

function numberOf(name: string, text: string): number {
  const number = text === "" ? Number.NaN : Number(text);
  const isShare = !(name in DEFAULTS);
  if (!(number >= 0) || (isShare ? number > 1 : !Number.isSafeInteger(number))) {
    const wanted = isShare ? "a share between 0 and 1" : "a whole number";
    throw new UsageError(`--chaos: ${name}=${text}: ${wanted} is needed`);
  }
  return number;
}

function sharesOf(values: ReadonlyMap<string, number>): Record<FaultKind, number> {
  const unnamed = FAULT_KINDS.filter((kind) => !values.has(kind));
  const each = (values.get("rate") ?? 0) / Math.max(1, unnamed.length);
  const share = (kind: FaultKind) => values.get(kind) ?? each;
  const shares: Record<FaultKind, number> = {
    "drop-request": share("drop-request"),
    "drop-response": share("drop-response"),
    delay: share("delay"),
    duplicate: share("duplicate"),
    reset: share("reset"),
    disconnect: share("disconnect"),
    goaway: share("goaway"),
    unavailable: share("unavailable"),
    trickle: share("trickle"),
    "expired-token": share("expired-token"),
  };
  const total = FAULT_KINDS.reduce((sum, kind) => sum + shares[kind], 0);
  if (total > 1) throw new UsageError(`--chaos: the shares make ${total}, more than every call`);
  return shares;
}
