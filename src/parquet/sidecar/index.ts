export { readSidecar, type Sidecar } from "./read.ts";
export { DATA_FILE_PATH_KEY, SIDECAR_COLUMNS, SIDECAR_ROOT_NAME } from "./schema.ts";
export { writeSidecar } from "./write.ts";
