import { TableError } from "../../../model/index.ts";
import type { PartitionValue } from "../../partition-json.ts";
import { fileActionKey } from "../paths/index.ts";
import {
  isJsonObject,
  type JsonObject,
  missingField,
  optionalInteger,
  optionalObject,
  optionalString,
  optionalStrings,
} from "./json.ts";
import { type OrderedJson, parseOrderedJson, scalarText } from "./ordered-json.ts";

/** The actions of a Delta log that a snapshot is made of (05 §4.2–4.4); everything else in a commit is passed over. */
export type Action =
  | { readonly kind: "add"; readonly key: string; readonly add: AddFile }
  | { readonly kind: "remove"; readonly key: string }
  | { readonly kind: "protocol"; readonly protocol: Protocol }
  | { readonly kind: "metadata"; readonly metadata: Metadata }
  /** Part of a V2 checkpoint (05 §4.3). */
  | { readonly kind: "sidecar"; readonly path: string };

export interface AddFile {
  /** A URI reference, as the log has it (05 §5). */
  readonly path: string;
  /** In the order of the keys in the action; keys are physical names (05 §9.1). */
  readonly partitionValues: readonly PartitionValue[];
  readonly sizeBytes: bigint;
  readonly deletionVector: DeletionVector | undefined;
}

export interface DeletionVector {
  /** `u`, `p`, `i`; anything else counts as on disk (05 §10). */
  readonly storageType: string;
  readonly pathOrInlineDv: string;
  readonly offset: number | undefined;
  readonly sizeInBytes: bigint;
  readonly cardinality: bigint;
}

export interface Protocol {
  readonly minReaderVersion: number;
  readonly readerFeatures: readonly string[];
}

export interface Metadata {
  readonly schemaString: string;
  readonly partitionColumns: readonly string[];
  readonly configuration: ReadonlyMap<string, string>;
}

/** The action of one line of a commit or compaction; `where` names the line in messages. */
export function parseAction(text: string, where: string): Action | undefined {
  const line = parseLine(text, where);
  const add = optionalObject(line, "add", where);
  if (add !== undefined) {
    const file = addFile(add, text, `${where}, add`);
    return { kind: "add", key: keyOf(file.path, file.deletionVector), add: file };
  }
  const remove = optionalObject(line, "remove", where);
  if (remove !== undefined) {
    const path = optionalString(remove, "path", `${where}, remove`);
    if (path === undefined) throw missingField(remove, "path", `${where}, remove`);
    return { kind: "remove", key: keyOf(path, deletionVector(remove, `${where}, remove`)) };
  }
  const protocol = optionalObject(line, "protocol", where);
  if (protocol !== undefined) return { kind: "protocol", protocol: parseProtocol(protocol, where) };
  const metadata = optionalObject(line, "metaData", where);
  if (metadata !== undefined) return { kind: "metadata", metadata: parseMetadata(metadata, where) };
  const sidecar = optionalObject(line, "sidecar", where);
  if (sidecar !== undefined) {
    const path = optionalString(sidecar, "path", `${where}, sidecar`);
    if (path === undefined) throw missingField(sidecar, "path", `${where}, sidecar`);
    return { kind: "sidecar", path };
  }
  return undefined;
}

function parseLine(text: string, where: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new TableError(`${where}: is not JSON: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  if (!isJsonObject(parsed)) throw new TableError(`${where}: an action must be a JSON object`);
  return parsed;
}

/** Of the fields that the reference requires, those that we have no use for may be missing (05 §4.4: may improve). */
function addFile(add: JsonObject, line: string, where: string): AddFile {
  const path = optionalString(add, "path", where);
  if (path === undefined) throw missingField(add, "path", where);
  const size = optionalInteger(add, "size", where);
  if (size === undefined) throw missingField(add, "size", where);
  return {
    path,
    partitionValues: partitionValues(add, line, where),
    sizeBytes: BigInt(size),
    deletionVector: deletionVector(add, where),
  };
}

function partitionValues(add: JsonObject, line: string, where: string): PartitionValue[] {
  const values = optionalObject(add, "partitionValues", where);
  if (values === undefined) throw missingField(add, "partitionValues", where);
  const entries = Object.entries(values);
  // A JavaScript object moves integer-like keys to the front and loses the digits of numbers.
  const faithful =
    (entries.length < 2 || !entries.some(([key]) => /^\d+$/.test(key))) &&
    entries.every(([, value]) => value === null || typeof value === "string");
  if (!faithful) return orderedPartitionValues(line, where);
  return entries.map(([key, value]) => ({ key, value: typeof value === "string" ? value : null }));
}

function orderedPartitionValues(line: string, where: string): PartitionValue[] {
  const action = orderedJson(line, where);
  const add = action instanceof Map ? action.get("add") : undefined;
  const values = add instanceof Map ? add.get("partitionValues") : undefined;
  const result: PartitionValue[] = [];
  for (const [key, value] of values instanceof Map ? values : []) {
    if (value !== null && typeof value === "object" && !("number" in value)) {
      throw new TableError(`${where}: the partition value of ${JSON.stringify(key)} must be a scalar`);
    }
    result.push({ key, value: value === null ? null : scalarText(value) });
  }
  return result;
}

function orderedJson(line: string, where: string): OrderedJson {
  try {
    return parseOrderedJson(line);
  } catch (error) {
    throw new TableError(`${where}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function deletionVector(action: JsonObject, where: string): DeletionVector | undefined {
  const vector = optionalObject(action, "deletionVector", where);
  if (vector === undefined) return undefined;
  const what = `${where}, deletionVector`;
  const storageType = optionalString(vector, "storageType", what);
  if (storageType === undefined) throw missingField(vector, "storageType", what);
  const pathOrInlineDv = optionalString(vector, "pathOrInlineDv", what);
  if (pathOrInlineDv === undefined) throw missingField(vector, "pathOrInlineDv", what);
  return {
    storageType,
    pathOrInlineDv,
    offset: optionalInteger(vector, "offset", what),
    sizeInBytes: BigInt(optionalInteger(vector, "sizeInBytes", what) ?? 0),
    cardinality: BigInt(optionalInteger(vector, "cardinality", what) ?? 0),
  };
}

/** Path and deletion vector together tell file actions apart (05 §4.4 rule 2). */
export function keyOf(path: string, vector: DeletionVector | undefined): string {
  if (vector === undefined) return fileActionKey(path, undefined);
  const offset = vector.offset === undefined ? "" : `@${vector.offset}`;
  return fileActionKey(path, `${vector.storageType}${vector.pathOrInlineDv}${offset}`);
}

function parseProtocol(protocol: JsonObject, where: string): Protocol {
  const what = `${where}, protocol`;
  return {
    minReaderVersion: optionalInteger(protocol, "minReaderVersion", what) ?? 0,
    readerFeatures: optionalStrings(protocol, "readerFeatures", what) ?? [],
  };
}

function parseMetadata(metadata: JsonObject, where: string): Metadata {
  const what = `${where}, metaData`;
  const configuration = new Map<string, string>();
  for (const [key, value] of Object.entries(optionalObject(metadata, "configuration", what) ?? {})) {
    if (typeof value === "string") configuration.set(key, value);
  }
  return {
    schemaString: optionalString(metadata, "schemaString", what) ?? "",
    partitionColumns: optionalStrings(metadata, "partitionColumns", what) ?? [],
    configuration,
  };
}
