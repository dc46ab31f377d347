import type { PageEngine } from "../../../src/parquet/engine.ts";
import { describeBounds } from "./bounds.ts";
import { describeCodecs } from "./codecs.ts";
import { describeDamage } from "./damage.ts";
import { describeDecimals } from "./decimals.ts";
import { describeDistinct } from "./distinct.ts";
import { describeEncodings } from "./encodings.ts";

/**
 * The tests that any engine has to pass: what 06 §3.5 and §3.6 and the rows of 06 T3 that concern page contents say, for one
 * engine after the other.
 */
export function describeEngine(name: string, createEngine: () => PageEngine): void {
  describeBounds(name, createEngine);
  describeDecimals(name, createEngine);
  describeEncodings(name, createEngine);
  describeCodecs(name, createEngine);
  describeDamage(name, createEngine);
  describeDistinct(name, createEngine);
}
