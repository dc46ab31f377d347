export {
  addBoolean,
  addDouble,
  addFloat,
  addInt32,
  addInt64,
  addText,
  addUnscaledDecimal,
} from "./items.ts";
export { type HashOutput, hashBytes, hashLong, hashOutput } from "./murmur3.ts";
export { THETA_METHOD, THETA_SKETCH_TYPE } from "./names.ts";
export { parseTheta, ThetaFormatError } from "./parse.ts";
export { SEED_HASH, serialiseTheta } from "./serialise.ts";
export { type HashSink, ThetaBuilder, UPDATE_SEED } from "./theta-builder.ts";
export {
  DEFAULT_NOMINAL_ENTRIES,
  EMPTY_THETA,
  entryCount,
  MAX_THETA,
  type ThetaSketch,
  thetaEstimate,
  unionThetas,
} from "./theta-sketch.ts";
