/**
 * Records of the chunked generation: sketches are `SketchPayload`, whose parameters are written in a fixed order, and there
 * is an average width (01 §5.3, §12.1, 07 §6.7).
 */
import { create, type MessageInitShape, toBinary, toJson, toJsonString } from "@bufbuild/protobuf";
import type { ColumnStats, IndexArtifactRecord, NdvSketch, StatsRecord } from "../../model/index.ts";
import { artifactRecordFrom, artifactRecordInit } from "../records/artifact.ts";
import { ForeignRecordError, type RecordCodec } from "../records/codec.ts";
import { decodeMessage } from "../records/decode.ts";
import { statsJson } from "../records/json.ts";
import { columnStatsFrom, statsRecordFrom } from "../records/stats-from.ts";
import { scalarInit, statsRecordInit } from "../records/stats-init.ts";
import { openEnum } from "../records/wire-values.ts";
import {
  type IndexArtifactRecord as ArtifactMessage,
  IndexArtifactRecordSchema,
} from "./gen/floecat/catalog/index_pb.ts";
import {
  type ScalarStats,
  type ScalarStatsSchema,
  type SketchPayload,
  type SketchPayloadSchema,
  SketchRole,
  StatsCompleteness,
  type TargetStatsRecord,
  TargetStatsRecordSchema,
} from "./gen/floecat/catalog/stats_pb.ts";

export const chunkedRecordCodec: RecordCodec = {
  generation: "chunked",
  statsToBytes: (record) => toBinary(TargetStatsRecordSchema, statsMessage(record)),
  statsFromBytes: (bytes) => statsRecordFrom(decodeMessage(TargetStatsRecordSchema, bytes), columnStats),
  statsToJson: (record) =>
    statsJson(record, {
      toJson: (r) => toJson(TargetStatsRecordSchema, statsMessage(r)),
      hasWidth: true,
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
  return {
    ...scalarInit(stats, (stats.ndv?.sketches ?? []).map(sketchMessage)),
    ...(stats.avgWidthBytes === undefined ? {} : { avgWidthBytes: stats.avgWidthBytes }),
    sketches: (stats.sketches ?? []).map((sketch) => ({
      ...sketch,
      role: openEnum(sketch.role),
      completeness: openEnum(sketch.completeness),
      params: { ...sketch.params },
    })),
  };
}

function sketchMessage(sketch: NdvSketch): MessageInitShape<typeof SketchPayloadSchema> {
  return {
    role: SketchRole.NDV,
    sketchType: sketch.sketchType,
    data: sketch.data,
    params: {
      encoding: sketch.encoding,
      compression: sketch.compression,
      version: String(sketch.version),
    },
    capturedAtMs: sketch.capturedAtMs,
    completeness: StatsCompleteness.SC_COMPLETE,
  };
}

function columnStats(message: ScalarStats): ColumnStats {
  const stats = columnStatsFrom(message, message.avgWidthBytes, ndvSketch);
  if (message.sketches.length === 0) return stats;
  const sketches = message.sketches.map(({ role, sketchType, data, params, capturedAtMs, completeness }) => ({
    role,
    sketchType,
    data,
    params,
    capturedAtMs,
    completeness,
  }));
  return { ...stats, sketches };
}

function ndvSketch(message: SketchPayload): NdvSketch {
  const version = Number(message.params.version ?? "");
  if (!Number.isSafeInteger(version)) {
    throw new ForeignRecordError(`sketch version ${JSON.stringify(message.params.version)} is not a number`);
  }
  return {
    sketchType: message.sketchType,
    // The reader hands out a view of its input (01 §13 hazard 12).
    data: new Uint8Array(message.data),
    encoding: message.params.encoding ?? "",
    compression: message.params.compression ?? "",
    version,
    capturedAtMs: message.capturedAtMs,
  };
}
