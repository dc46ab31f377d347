export { type BoundSide, compareBounds, decodeBound, encodeBound, mergeBound, mergeValue } from "./bounds.ts";
export { coerceValue } from "./coerce.ts";
export { canonicalColumnPath, fieldIdColumnId, pathOrdinalColumnId } from "./column-id.ts";
export { compareJavaDoubles, compareUnsignedBytes, compareValues } from "./compare.ts";
export { valueText } from "./encode.ts";
export { LogicalTypeError, LogicalValueError } from "./errors.ts";
export { javaDoubleText, javaFloatText } from "./float-text.ts";
export { isJavaBlank, javaNumberSyntax, javaTrim } from "./java-text.ts";
export {
  type DecimalType,
  decimalType,
  formatLogicalType,
  type IntervalRange,
  isComplex,
  isOrderable,
  type LogicalKind,
  type LogicalType,
  type PlainKind,
  type TemporalKind,
} from "./logical-type.ts";
export { parseLogicalType } from "./parse-logical-type.ts";
export { compareUtf16, decodeUtf8Java, encodeUtf8WithSurrogates } from "./utf8.ts";
export { type Decimal, floorDiv, type LogicalValue, MICROS_PER_DAY } from "./value.ts";
