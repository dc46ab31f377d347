/** Records of the inline generation: sketches are `NdvSketch`, and there is no average width (01 §5.3, §12.1). */
import { create, type MessageInitShape, toBinary, toJson, toJsonString } from "@bufbuild/protobuf";
import type { ColumnStats, IndexArtifactRecord, NdvSketch, StatsRecord } from "../../model/index.ts";
import { artifactRecordFrom, artifactRecordInit } from "../records/artifact.ts";
import type { RecordCodec } from "../records/codec.ts";
import { decodeMessage } from "../records/decode.ts";
import { statsJson } from "../records/json.ts";
import { columnStatsFrom, statsRecordFrom } from "../records/stats-from.ts";
import { scalarInit, statsRecordInit } from "../records/stats-init.ts";
import {
  type IndexArtifactRecord as ArtifactMessage,
  IndexArtifactRecordSchema,
} from "./gen/floecat/catalog/index_pb.ts";
import {
  type NdvSketch as NdvSketchMessage,
  type NdvSketchSchema,
  type ScalarStats,
  type ScalarStatsSchema,
  type TargetStatsRecord,
  TargetStatsRecordSchema,
} from "./gen/floecat/catalog/stats_pb.ts";

export const inlineRecordCodec: RecordCodec = {
  generation: "inline",
  statsToBytes: (record) => toBinary(TargetStatsRecordSchema, statsMessage(record)),
  statsFromBytes: (bytes) => statsRecordFrom(decodeMessage(TargetStatsRecordSchema, bytes), columnStats),
  statsToJson: (record) =>
    statsJson(record, {
      toJson: (r) => toJson(TargetStatsRecordSchema, statsMessage(r)),
      hasWidth: false,
    }),
  artifactToBytes: (record) => toBinary(IndexArtifactRecordSchema, artifactMessage(record)),
  artifactFromBytes: (bytes) => artifactRecordFrom(decodeMessage(IndexArtifactRecordSchema, bytes)),
  artifactToJson: (record) => toJsonString(IndexArtifactRecordSchema, artifactMessage(record)),
};

export function statsMessage(record: StatsRecord): TargetStatsRecord {
  return create(TargetStatsRecordSchema, statsRecordInit(record, scalarMessage));
}

export function artifactMessage(record: IndexArtifactRecord): ArtifactMessage {
  return create(IndexArtifactRecordSchema, artifactRecordInit(record));
}

function scalarMessage(stats: ColumnStats): MessageInitShape<typeof ScalarStatsSchema> {
  return scalarInit(stats, (stats.ndv?.sketches ?? []).map(sketchMessage));
}

function sketchMessage(sketch: NdvSketch): MessageInitShape<typeof NdvSketchSchema> {
  return {
    type: sketch.sketchType,
    data: sketch.data,
    encoding: sketch.encoding,
    compression: sketch.compression,
    version: sketch.version,
  };
}

function columnStats(message: ScalarStats): ColumnStats {
  return columnStatsFrom(message, undefined, ndvSketch);
}

function ndvSketch(message: NdvSketchMessage): NdvSketch {
  return {
    sketchType: message.type,
    // The reader hands out a view of its input (01 §13 hazard 12).
    data: new Uint8Array(message.data),
    encoding: message.encoding,
    compression: message.compression,
    version: message.version,
    capturedAtMs: 0n,
  };
}
