/**
 * Statistics and index records of one wire generation as bytes and as JSON, behind plain types: no generated type passes
 * this line. The bytes are what the worker submits (01 §5, §6) and are deterministic, ascending field numbers and maps in
 * insertion order (01 §13 hazards 7, 9), so that a retry repeats them. The JSON is protobuf JSON on one line (hazard 15).
 */
import type { Generation, IndexArtifactRecord, StatsRecord } from "../../model/index.ts";

export interface RecordCodec {
  readonly generation: Generation;
  /** A serialised `TargetStatsRecord`. */
  statsToBytes(record: StatsRecord): Uint8Array<ArrayBuffer>;
  /** Throws `DamagedRecordError`, or `ForeignRecordError` for what the model has no words for. */
  statsFromBytes(bytes: Uint8Array): StatsRecord;
  statsToJson(record: StatsRecord): string;
  /** A serialised `IndexArtifactRecord`; the sidecar's bytes travel beside it. */
  artifactToBytes(record: IndexArtifactRecord): Uint8Array<ArrayBuffer>;
  artifactFromBytes(bytes: Uint8Array): IndexArtifactRecord;
  artifactToJson(record: IndexArtifactRecord): string;
}

/** Bytes that are no record. */
export class DamagedRecordError extends Error {
  override readonly name = "DamagedRecordError";
}

/** A well-formed record that says something no capture of ours produces, such as a composite target. */
export class ForeignRecordError extends Error {
  override readonly name = "ForeignRecordError";
}
