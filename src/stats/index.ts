export { type IdentityTarget, targetHash, targetStorageId } from "./identity.ts";
export { columnNdvInline, scannedNdv, thetaPayload } from "./ndv-rollup.ts";
export {
  createInlineRollup,
  createMerge,
  createPartialsRollup,
  emptyTableRecord,
  mergePartials,
  type Rollup,
  type RollupOptions,
  rollupInline,
  rollupToPartials,
} from "./rollup.ts";
export { WIDTH_WEIGHT_PROPERTY } from "./width-rollup.ts";
