export { decompress } from "./decompress.ts";
export { lz4Decompress, lz4RawDecompress } from "./lz4.ts";
export { snappyDecompress } from "./snappy.ts";
