import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FILE_CONTENT, type StatsRecord } from "../../model/index.ts";
import {
  type TargetStatsRecord as ChunkedRecord,
  TargetStatsRecordSchema as ChunkedRecordSchema,
  type ScalarStats as ChunkedScalar,
} from "../../protocol/chunked/gen/floecat/catalog/stats_pb.ts";
import type { RecordCodec } from "../../protocol/index.ts";
import { TargetStatsRecordSchema as InlineRecordSchema } from "../../protocol/inline/gen/floecat/catalog/stats_pb.ts";

/**
 * Stored records as the roll-up takes them. A worker of another make may say what the model has no words for; what the roll-up
 * wouldn't look at anyway is taken out before (07 §9.1, §9.3), so that the rest counts.
 */
export function partialsFrom(records: readonly Uint8Array[], codec: RecordCodec): StatsRecord[] {
  return records.flatMap((bytes) => {
    const message = fromBinary(ChunkedRecordSchema, bytes);
    if (!isAggregate(message)) return [];
    if (message.value.case === "scalar") dropUnreadableVersions(message.value.value);
    return [codec.statsFromBytes(toBinary(ChunkedRecordSchema, message))];
  });
}

/** TABLE and COLUMN partials; expressions and composites have no part in it (02 §7). */
function isAggregate({ target, value }: ChunkedRecord): boolean {
  const kind = target?.target.case;
  return (value.case === "table" && kind === "table") || (value.case === "scalar" && kind === "column");
}

/** The model keeps the version of our own sketches as a number; that of others is anything. */
function dropUnreadableVersions(scalar: ChunkedScalar): void {
  for (const sketch of scalar.ndv?.sketches ?? []) {
    if (!/^\d{1,9}$/.test(sketch.params.version ?? "")) delete sketch.params.version;
  }
}

export function fileFrom(record: Uint8Array, codec: RecordCodec): StatsRecord {
  const message = fromBinary(InlineRecordSchema, record);
  if (message.value.case === "file") {
    const file = message.value.value;
    file.columns = file.columns.filter(({ scalar }) => scalar !== undefined);
    // Content of no known kind counts as data.
    if (!isKnownContent(file.fileContent)) file.fileContent = FILE_CONTENT.unspecified;
  }
  return codec.statsFromBytes(toBinary(InlineRecordSchema, message));
}

function isKnownContent(content: number): boolean {
  return Object.values(FILE_CONTENT).some((known) => known === content);
}

/**
 * A rolled-up record in bytes, with what only the message can hold: the metadata of its first contributor, and, of a column that
 * one group alone delivered, that group's distinct count and sketches as they came (07 §9.4, §10).
 */
export function withOriginals(rolledUp: Uint8Array, partials: readonly Uint8Array[]): Uint8Array {
  const record = fromBinary(ChunkedRecordSchema, rolledUp);
  const contributors = partials
    .map((bytes) => fromBinary(ChunkedRecordSchema, bytes))
    .filter((partial) => isAggregate(partial) && sameTarget(partial, record));
  const metadata = contributors.find((partial) => partial.metadata !== undefined)?.metadata;
  if (metadata !== undefined && record.metadata !== undefined) record.metadata = metadata;
  const [only] = contributors;
  if (
    contributors.length === 1 &&
    record.value.case === "scalar" &&
    only?.value.case === "scalar" &&
    record.value.value.ndv !== undefined &&
    only.value.value.ndv !== undefined
  ) {
    const original = only.value.value.ndv;
    const types = new Set(original.sketches.map(({ sketchType }) => sketchType));
    // Carried forward from the record that is replaced.
    const carried = record.value.value.ndv.sketches.filter(({ sketchType }) => !types.has(sketchType));
    record.value.value.ndv = { ...original, sketches: [...original.sketches, ...carried] };
  }
  return toBinary(ChunkedRecordSchema, record);
}

function sameTarget(a: ChunkedRecord, b: ChunkedRecord): boolean {
  const [one, other] = [a.target?.target, b.target?.target];
  if (one?.case === "column" && other?.case === "column") {
    return one.value.columnId === other.value.columnId;
  }
  return one?.case === "table" && other?.case === "table";
}
