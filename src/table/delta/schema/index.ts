export { type DeltaColumns, deltaColumns } from "./columns.ts";
export type { DeltaField, DeltaType } from "./delta-type.ts";
export { logicalTypeOf } from "./logical-types.ts";
export { columnIdOf, type FlatColumn, flattenSchema } from "./ordinals.ts";
export { parseDeltaSchema } from "./parse-schema.ts";
