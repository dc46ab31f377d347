export { SIDECAR_COLUMNS, SIDECAR_ROOT_NAME, type SidecarColumn } from "./schema.ts";
export { writeSidecar } from "./write.ts";
