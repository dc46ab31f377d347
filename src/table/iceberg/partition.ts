import { javaDoubleText, javaFloatText } from "../../types/index.ts";
import { type AvroRange, type AvroType, type AvroValue, eachField } from "./avro/index.ts";
import { signedBigEndian } from "./bounds.ts";
import type { IcebergType, PartitionField, PartitionSpec } from "./metadata/index.ts";

/**
 * `partition_data_json` (04 §14, decision 35): one `{"id":<source column id>,"value":<v>}` per field of the file's spec, in
 * spec order, without spaces. Values are those of the partition tuple as the manifest stores it; a value that can't be
 * written gives `""` as a whole.
 */
export function partitionDataJson(
  spec: PartitionSpec,
  tuple: AvroRange | undefined,
  typeOf: (sourceId: number) => IcebergType | undefined,
): string {
  try {
    const stored = storedValues(tuple);
    const values = spec.fields.map((field, index) => {
      const found = stored.find(({ id }) => id === field.fieldId) ?? withoutIds(stored, field, index);
      const value =
        found === undefined ? "null" : valueJson(found, resultType(field, typeOf(field.sourceId)));
      return `{"id":${field.sourceId},"value":${value}}`;
    });
    return `{"partitionValues":[${values.join(",")}]}`;
  } catch {
    return "";
  }
}

interface StoredValue {
  readonly id: number | undefined;
  readonly name: string;
  readonly type: AvroType;
  readonly value: AvroValue;
}

function storedValues(tuple: AvroRange | undefined): StoredValue[] {
  const values: StoredValue[] = [];
  if (tuple === undefined) return values;
  eachField(tuple, ({ id, name }, type, value) => values.push({ id, name, type, value }));
  return values;
}

/** In a manifest without field ids: by name, else by place. */
function withoutIds(
  stored: readonly StoredValue[],
  field: PartitionField,
  index: number,
): StoredValue | undefined {
  if (stored.some(({ id }) => id !== undefined)) return undefined;
  return stored.find(({ name }) => name === field.name) ?? stored[index];
}

/** The source's own type where the transform keeps it; the other transforms give integers, which need no type here. */
function resultType(field: PartitionField, source: IcebergType | undefined): IcebergType | undefined {
  const keepsType = /^(identity|void|truncate\[\d+\])$/i.test(field.transform);
  return keepsType ? source : undefined;
}

function valueJson({ value, type }: StoredValue, result: IcebergType | undefined): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false";
    case "bigint":
      return value.toString();
    case "string":
      return quoted(value);
    case "number":
      return numberJson(value, type, result);
    default:
      return bytesJson(value, type, result);
  }
}

function numberJson(value: number, type: AvroType, result: IcebergType | undefined): string {
  if (type.kind !== "float" && type.kind !== "double") return value.toString();
  // A float column that became a double shows its values as doubles.
  const text =
    type.kind === "float" && result?.kind !== "double" ? javaFloatText(value) : javaDoubleText(value);
  return Number.isFinite(value) ? text : `"${text}"`;
}

function bytesJson(value: AvroValue, type: AvroType, result: IcebergType | undefined): string {
  if (!(value instanceof Uint8Array))
    throw new TypeError("a partition value is neither a number, text nor bytes");
  const logical = type.kind === "fixed" || type.kind === "bytes" ? type.logical : undefined;
  if (result?.kind === "decimal") return bigDecimalText(signedBigEndian(value), result.scale);
  if (logical?.name === "decimal") return bigDecimalText(signedBigEndian(value), logical.scale);
  if ((result?.kind === "uuid" || logical?.name === "uuid") && value.length === 16) {
    const hex = Buffer.from(value).toString("hex");
    return `"${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}"`;
  }
  return `"${Buffer.from(value).toString("base64")}"`;
}

/** `BigDecimal.toString` of a non-negative scale: plain with the scale kept, an exponent where the number is tiny. */
function bigDecimalText(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? "-" : "";
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString();
  if (scale === 0) return sign + digits;
  const exponent = digits.length - 1 - scale;
  if (exponent >= -6) {
    const padded = digits.padStart(scale + 1, "0");
    return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  }
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  return `${sign}${digits.slice(0, 1)}${fraction}E${exponent}`;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** JSON text in the reference's form: everything but quotes, backslashes and control characters raw. */
function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped.
  const escaped = text.replace(/["\\\u0000-\u001f]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return SHORT_ESCAPES[character] ?? `\\u${code}`;
  });
  return `"${escaped}"`;
}
