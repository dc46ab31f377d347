/** A Delta schema as the log's JSON gives it (05 §4.2, §8.4). */
export interface DeltaField {
  readonly name: string;
  readonly type: DeltaType;
  /** Name in the data files and in `partitionValues` under column mapping. */
  readonly physicalName: string | undefined;
  /** `delta.columnMapping.id`: the field id in the data files. */
  readonly mappingId: number | undefined;
}

export type DeltaType =
  /** `name` as in the schema: known and unknown scalar types, `decimal(p,s)` among them. */
  | { readonly kind: "scalar"; readonly name: string }
  | { readonly kind: "struct"; readonly fields: readonly DeltaField[] }
  | { readonly kind: "array"; readonly element: DeltaType }
  | { readonly kind: "map"; readonly key: DeltaType; readonly value: DeltaType }
  | { readonly kind: "variant" }
  /** A JSON object of a type that isn't known. */
  | { readonly kind: "other"; readonly name: string };
