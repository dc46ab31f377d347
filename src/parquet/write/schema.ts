/** A column of a flat file that is to be written. */
export interface WrittenColumn {
  readonly name: string;
  readonly optional: boolean;
  readonly physicalType: WrittenType;
  /** For FIXED_LEN_BYTE_ARRAY; 0 otherwise. */
  readonly typeLength: number;
  readonly annotation: WrittenAnnotation | undefined;
}

export type WrittenType =
  | "BOOLEAN"
  | "INT32"
  | "INT64"
  | "FLOAT"
  | "DOUBLE"
  | "BYTE_ARRAY"
  | "FIXED_LEN_BYTE_ARRAY";

export type WrittenAnnotation =
  | { readonly kind: "STRING" }
  | { readonly kind: "INTEGER"; readonly bitWidth: 8 | 16 | 32; readonly signed: boolean }
  | { readonly kind: "DECIMAL"; readonly precision: number };
