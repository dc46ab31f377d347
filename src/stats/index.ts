export { type IdentityTarget, targetHash, targetStorageId } from "./identity.ts";
export { columnNdvInline, scannedNdv, THETA_METHOD, THETA_SKETCH_TYPE, thetaPayload } from "./ndv-rollup.ts";
export {
  emptyTableRecord,
  mergePartials,
  type RollupOptions,
  rollupInline,
  rollupToPartials,
} from "./rollup.ts";
export { WIDTH_WEIGHT_PROPERTY } from "./width-rollup.ts";
