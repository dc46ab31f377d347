export { type AvroBlock, type AvroFile, namingFile, openAvro } from "./container.ts";
export { type AvroCursor, cursorOver, DamagedAvroError, readBytes, readLong } from "./cursor.ts";
export type { AvroField, AvroRecord, AvroType } from "./schema.ts";
export {
  type AvroFields,
  type AvroRange,
  type AvroValue,
  branchOf,
  eachField,
  eachIntKeyed,
  readFields,
  readValue,
  skipValue,
  type Wanted,
  type WantedField,
} from "./value.ts";
