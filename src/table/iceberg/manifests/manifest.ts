import { setImmediate as nextTurn } from "node:timers/promises";
import { TableError } from "../../../model/index.ts";
import {
  type AvroRange,
  type AvroRecord,
  type AvroValue,
  cursorOver,
  DamagedAvroError,
  namingFile,
  openAvro,
  readFields,
  type Wanted,
  type WantedField,
} from "../avro/index.ts";
import { fieldsOf, longOf, optionalInt, optionalIntList, optionalLong, stringOf } from "./values.ts";

/**
 * One manifest (04 §5), read once and kept as its decompressed blocks with the place of every live entry: groups of one
 * snapshot share it, and only the entries of planned files are ever decoded.
 */
export interface Manifest {
  readonly path: string;
  /** Type of an entry; entries are decoded from it. */
  readonly schema: AvroRecord;
  /** Live entries (status existing or added) in file order. */
  readonly entries: readonly EntryPlace[];
  /** What it costs to keep, for the cache. */
  readonly heldBytes: number;
}

export interface EntryPlace {
  /** `file_path`, verbatim. */
  readonly path: string;
  readonly block: Uint8Array;
  readonly offset: number;
}

/** A live entry. Metric maps are decoded by `metrics.ts` when asked for. */
export interface ManifestEntry {
  readonly added: boolean;
  readonly fileSequenceNumber: bigint | undefined;
  readonly content: "data" | "position-deletes" | "equality-deletes";
  readonly filePath: string;
  /** Upper case. */
  readonly fileFormat: string;
  /** The partition tuple, undecoded: a record. */
  readonly partition: AvroRange | undefined;
  readonly recordCount: bigint;
  readonly fileSizeBytes: bigint;
  readonly equalityIds: readonly number[] | undefined;
  readonly metrics: MetricMaps;
}

/** Undecoded maps from field id; absent if the entry has none. */
export interface MetricMaps {
  readonly valueCounts: AvroRange | undefined;
  readonly nullCounts: AvroRange | undefined;
  readonly nanCounts: AvroRange | undefined;
  readonly lowerBounds: AvroRange | undefined;
  readonly upperBounds: AvroRange | undefined;
}

const ENTRY = { status: 0, fileSequenceNumber: 4, dataFile: 2 } as const;

const DATA_FILE = {
  content: 134,
  filePath: 100,
  fileFormat: 101,
  partition: 102,
  recordCount: 103,
  fileSize: 104,
  valueCounts: 109,
  nullCounts: 110,
  nanCounts: 137,
  lowerBounds: 125,
  upperBounds: 128,
  equalityIds: 135,
} as const;

/** For files whose schema carries no field ids (04 §5). Partition fields have no fixed names and are found by their own. */
const IDS_BY_NAME: ReadonlyMap<string, number> = new Map([
  ["status", ENTRY.status],
  ["file_sequence_number", ENTRY.fileSequenceNumber],
  ["data_file", ENTRY.dataFile],
  ["content", DATA_FILE.content],
  ["file_path", DATA_FILE.filePath],
  ["file_format", DATA_FILE.fileFormat],
  ["partition", DATA_FILE.partition],
  ["record_count", DATA_FILE.recordCount],
  ["file_size_in_bytes", DATA_FILE.fileSize],
  ["value_counts", DATA_FILE.valueCounts],
  ["null_value_counts", DATA_FILE.nullCounts],
  ["nan_value_counts", DATA_FILE.nanCounts],
  ["lower_bounds", DATA_FILE.lowerBounds],
  ["upper_bounds", DATA_FILE.upperBounds],
  ["equality_ids", DATA_FILE.equalityIds],
]);

const INDEX_WANTED: Wanted = new Map<number, WantedField>([
  [ENTRY.status, "value"],
  [ENTRY.dataFile, { wanted: new Map([[DATA_FILE.filePath, "value"]]) }],
]);

/** Left undecoded until asked for. */
const RANGE_IDS: ReadonlySet<number> = new Set([
  DATA_FILE.partition,
  DATA_FILE.valueCounts,
  DATA_FILE.nullCounts,
  DATA_FILE.nanCounts,
  DATA_FILE.lowerBounds,
  DATA_FILE.upperBounds,
]);

const ENTRY_WANTED: Wanted = new Map<number, WantedField>([
  [ENTRY.status, "value"],
  [ENTRY.fileSequenceNumber, "value"],
  [
    ENTRY.dataFile,
    { wanted: new Map(Object.values(DATA_FILE).map((id) => [id, RANGE_IDS.has(id) ? "range" : "value"])) },
  ],
]);

const STATUS = { existing: 0, added: 1, deleted: 2 } as const;

/** What a kept entry costs besides its path and its bytes: a small object and its place in an array. */
const ENTRY_OVERHEAD_BYTES = 64;
/** Far beyond any writer's target: a block of zeros can decompress to entries without end. */
const MAX_HELD_BYTES = 1024 * 2 ** 20;

/** Entries that are walked between two turns of the event loop: heartbeats go on while a large manifest is indexed. */
const ENTRIES_AT_ONCE = 4096;

/** Indexes the manifest `bytes` read from `path`. Every entry is walked, so that later decoding meets no surprise. */
export function parseManifest(bytes: Uint8Array, path: string): Manifest {
  const steps = indexEntries(bytes, path);
  for (;;) {
    const step = namingFile(path, () => steps.next());
    if (step.done) return step.value;
  }
}

/** The same in turns of the event loop, however large the manifest. */
export async function parseManifestInTurns(bytes: Uint8Array, path: string): Promise<Manifest> {
  const steps = indexEntries(bytes, path);
  for (;;) {
    const step = namingFile(path, () => steps.next());
    if (step.done) return step.value;
    await nextTurn();
  }
}

function* indexEntries(bytes: Uint8Array, path: string): Generator<undefined, Manifest> {
  const { schema, blocks } = openAvro(bytes, path, IDS_BY_NAME);
  if (schema.kind !== "record") throw new DamagedAvroError("its objects are not records");
  const entries: EntryPlace[] = [];
  let heldBytes = 0;
  let walked = 0;
  for (const block of blocks) {
    const cursor = cursorOver(block.bytes);
    let live = 0;
    for (let index = 0; index < block.objectCount; index++) {
      if (++walked % ENTRIES_AT_ONCE === 0) yield;
      const { offset } = cursor;
      const { fields } = readFields(cursor, schema, INDEX_WANTED);
      if (optionalInt(fields.get(ENTRY.status), "status") === STATUS.deleted) continue;
      const dataFile = fieldsOf(fields.get(ENTRY.dataFile), "data_file");
      const filePath = stringOf(dataFile.fields.get(DATA_FILE.filePath), "file_path");
      entries.push({ path: filePath, block: block.bytes, offset });
      heldBytes += filePath.length + ENTRY_OVERHEAD_BYTES;
      if (heldBytes > MAX_HELD_BYTES) {
        throw new DamagedAvroError(`it takes more than the ${MAX_HELD_BYTES} bytes that a manifest may`);
      }
      live += 1;
    }
    if (live > 0) heldBytes += block.bytes.length;
  }
  return { path, schema, entries, heldBytes };
}

/** Decodes one live entry of `manifest`. */
export function readEntry(manifest: Manifest, place: EntryPlace): ManifestEntry {
  return namingFile(manifest.path, () => {
    const entry = readFields(cursorOver(place.block, place.offset), manifest.schema, ENTRY_WANTED).fields;
    const file = fieldsOf(entry.get(ENTRY.dataFile), "data_file").fields;
    const content = optionalInt(file.get(DATA_FILE.content), "content");
    return {
      added: optionalInt(entry.get(ENTRY.status), "status") === STATUS.added,
      fileSequenceNumber: optionalLong(entry.get(ENTRY.fileSequenceNumber), "file_sequence_number"),
      content: content === 1 ? "position-deletes" : content === 2 ? "equality-deletes" : "data",
      filePath: stringOf(file.get(DATA_FILE.filePath), "file_path"),
      fileFormat: fileFormat(stringOf(file.get(DATA_FILE.fileFormat), "file_format")),
      partition: rangeOf(file.get(DATA_FILE.partition)),
      recordCount: longOf(file.get(DATA_FILE.recordCount), "record_count"),
      fileSizeBytes: longOf(file.get(DATA_FILE.fileSize), "file_size_in_bytes"),
      equalityIds: optionalIntList(file.get(DATA_FILE.equalityIds), "equality_ids"),
      metrics: {
        valueCounts: rangeOf(file.get(DATA_FILE.valueCounts)),
        nullCounts: rangeOf(file.get(DATA_FILE.nullCounts)),
        nanCounts: rangeOf(file.get(DATA_FILE.nanCounts)),
        lowerBounds: rangeOf(file.get(DATA_FILE.lowerBounds)),
        upperBounds: rangeOf(file.get(DATA_FILE.upperBounds)),
      },
    };
  });
}

const FILE_FORMATS: ReadonlySet<string> = new Set(["PUFFIN", "ORC", "PARQUET", "AVRO", "METADATA"]);

function fileFormat(text: string): string {
  const upper = text.toUpperCase();
  if (!FILE_FORMATS.has(upper)) {
    throw new TableError(`Invalid file format: ${text}`, { referenceType: "IllegalArgumentException" });
  }
  return upper;
}

function rangeOf(value: AvroValue | undefined): AvroRange | undefined {
  return typeof value === "object" && value !== null && "range" in value ? value : undefined;
}
