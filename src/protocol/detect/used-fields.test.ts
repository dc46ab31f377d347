/** The list of used fields is complete: records with everything that they can hold set no field that isn't on it. */
import type { DescMessage } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { expect, test } from "vitest";
import { column, file, tableId } from "../../../test/support/stats-records.ts";
import type { Generation, IndexArtifactRecord, StatsRecord } from "../../model/index.ts";
import { IndexArtifactRecordSchema as ChunkedArtifact } from "../chunked/gen/floecat/catalog/index_pb.ts";
import { TargetStatsRecordSchema as ChunkedStats } from "../chunked/gen/floecat/catalog/stats_pb.ts";
import * as chunked from "../chunked/records.ts";
import { IndexArtifactRecordSchema as InlineArtifact } from "../inline/gen/floecat/catalog/index_pb.ts";
import { TargetStatsRecordSchema as InlineStats } from "../inline/gen/floecat/catalog/stats_pb.ts";
import * as inline from "../inline/records.ts";
import { usedFields } from "./used-fields.ts";

const everything = column({
  rowCount: 3n,
  nullCount: 0n,
  nanCount: 1n,
  min: "1",
  max: "9",
  avgWidthBytes: 8n,
  properties: { a: "b" },
  ndv: {
    approx: { estimate: 2, rowsSeen: 3n, rowsTotal: 3n, method: "theta", properties: { a: "b" } },
    sketches: [
      {
        sketchType: "theta",
        data: Uint8Array.of(1),
        encoding: "raw",
        compression: "none",
        version: 1,
        capturedAtMs: 5n,
      },
    ],
  },
});

const ofFile = file({ rows: 3n, size: 10n, columns: [[1n, everything]] });

const records: readonly StatsRecord[] = [
  ofFile.value.kind === "file"
    ? {
        ...ofFile,
        value: {
          kind: "file",
          file: {
            ...ofFile.value.file,
            partitionDataJson: "{}",
            partitionSpecId: 1,
            equalityFieldIds: [1],
            sequenceNumber: 4n,
          },
        },
      }
    : ofFile,
  {
    ...ofFile,
    target: { kind: "table" },
    value: { kind: "table", table: { rowCount: 3n, dataFileCount: 1n, totalSizeBytes: 10n } },
  },
  { ...ofFile, target: { kind: "column", columnId: 1n }, value: { kind: "scalar", scalar: everything } },
];

const artifact: IndexArtifactRecord = {
  tableId,
  snapshotId: 9n,
  filePath: "s3://b/f.parquet",
  artifactUri: "/a.parquet",
  contentSha256B64: "AAAA",
  createdAtMs: 1_700_000_000_123,
  coverage: {
    rowsIndexed: 3n,
    liveRowsIndexed: 3n,
    pagesIndexed: 1n,
    rowGroupsIndexed: 1n,
    bytesScanned: 1024n,
  },
  sourceFileFormat: "PARQUET",
  properties: { a: "b" },
};

/** `catalog.ScalarStats.min` and so on, of a message and all below it. */
function fieldsSet(message: ReflectMessage): string[] {
  const set = message.fields.filter((field) => message.isSet(field));
  return set.flatMap((field) => {
    const name = `${message.desc.typeName.replace("ai.floedb.floecat.", "")}.${field.name}`;
    if (field.fieldKind === "message") return [name, ...fieldsSet(message.get(field))];
    if (field.fieldKind !== "list") return [name];
    const items = [...message.get(field)].filter((item) => isReflectMessage(item));
    return [name, ...items.flatMap(fieldsSet)];
  });
}

function messagesOf(generation: Generation): ReflectMessage[] {
  const of = <D extends DescMessage>(schema: D, message: Parameters<typeof reflect<D>>[1]) =>
    reflect(schema, message);
  return generation === "inline"
    ? [
        ...records.map((record) => of(InlineStats, inline.statsMessage(record))),
        of(InlineArtifact, inline.artifactMessage(artifact)),
      ]
    : [
        ...records.map((record) => of(ChunkedStats, chunked.statsMessage(record))),
        of(ChunkedArtifact, chunked.artifactMessage(artifact)),
      ];
}

test.each(["inline", "chunked"] as const)("%s: a record sets no field that isn't checked", (generation) => {
  const listed = new Set(
    usedFields(generation).flatMap(({ message, needed, spare }) =>
      [...needed, ...spare].map((field) => `${message}.${field}`),
    ),
  );
  const set = [...new Set(messagesOf(generation).flatMap(fieldsSet))].filter(
    (name) => !name.startsWith("google.protobuf."),
  );
  expect(set.length).toBeGreaterThan(50);
  expect(set.filter((name) => !listed.has(name))).toEqual([]);
});
