import { isDeepStrictEqual } from "node:util";
import type { StatsRecord } from "../../../src/model/index.ts";
import { statusParts } from "../../../src/protocol/grpc/status.ts";
import {
  DamagedRecordError,
  decodeTargetSpec,
  encodeTargetSpec,
  ForeignRecordError,
  loadRecordCodec,
} from "../../../src/protocol/index.ts";
import { concat } from "../../support/parquet-encodings.ts";
import { files, longSketch, ndvOf, partial } from "../../support/stats-records.ts";
import { judge } from "../harness/promised.ts";
import type { Random } from "../harness/random.ts";
import { type FuzzTarget, type Outcome, unexpected } from "../harness/target.ts";
import { damageMessage } from "./wire.ts";

/**
 * Bytes of the control plane's peers: records of both generations, `grpc-status-details-bin`, target texts. The first byte of
 * an input says which. A record that is accepted must say the same when it is written again.
 */
export async function protoTarget(): Promise<FuzzTarget> {
  const inline = await loadRecordCodec("inline");
  const chunked = await loadRecordCodec("chunked");
  const records: readonly StatsRecord[] = [
    ...files({ min: "1", max: "9", nullCount: 3n }, { ndv: ndvOf(longSketch(1n, 2n)), avgWidthBytes: 4n }),
    partial({ rowCount: 7n, nanCount: 1n, properties: { a: "b" } }),
  ];
  const artifact = {
    tableId: { accountId: "acct", id: "t", kind: 4 },
    snapshotId: 9n,
    filePath: "s3://b/f.parquet",
    artifactUri: "s3://b/f.idx",
    contentSha256B64: "AAAA",
    createdAtMs: 77,
    coverage: {
      rowsIndexed: 1n,
      liveRowsIndexed: 2n,
      pagesIndexed: 3n,
      rowGroupsIndexed: 4n,
      bytesScanned: undefined,
    },
    sourceFileFormat: "parquet",
    properties: { a: "b" },
  };
  const status = Buffer.from(
    "CAkSFFByZWNvbmRpdGlvbiBmYWlsZWQuGn0KMnR5cGUuZ29vZ2xlYXBpcy5jb20vYWkuZmxvZWRiLmZsb2VjYXQuY29tbW9uLkVycm9yEkcI" +
      "AxIUUHJlY29uZGl0aW9uIGZhaWxlZC4aLQoGcmVhc29uEiNSRUNPTkNJTEVfTEVBU0VfUFJFQ09ORElUSU9OX0ZBSUxFRA==",
    "base64",
  );
  const texts = [
    encodeTargetSpec({ kind: "file", filePath: "s3://b/é.parquet" }),
    encodeTargetSpec({ kind: "composite", columnIds: [1n, 2n] }),
    encodeTargetSpec({ kind: "expression", engineKind: "e", key: Uint8Array.of(1, 2), version: "v" }),
    "column:7",
  ];
  const seeds: readonly (readonly [Decoder, Uint8Array])[] = [
    ...records.map((record) => [0, inline.statsToBytes(record)] as const),
    ...records.map((record) => [1, chunked.statsToBytes(record)] as const),
    [2, inline.artifactToBytes(artifact)],
    [3, chunked.artifactToBytes(artifact)],
    [4, new Uint8Array(status)],
    ...texts.map((text) => [5, Buffer.from(text)] as const),
  ];
  const decoders: readonly ((bytes: Uint8Array) => Outcome)[] = [
    (bytes) => roundTrip(bytes, inline.statsFromBytes, inline.statsToBytes),
    (bytes) => roundTrip(bytes, chunked.statsFromBytes, chunked.statsToBytes),
    (bytes) => roundTrip(bytes, inline.artifactFromBytes, inline.artifactToBytes),
    (bytes) => roundTrip(bytes, chunked.artifactFromBytes, chunked.artifactToBytes),
    statusDetails,
    targetText,
  ];
  return {
    name: "proto",
    seedCount: seeds.length,
    mutant(random: Random) {
      const [decoder, seed] = random.pick(seeds);
      let bytes = seed;
      for (let i = random.pick([1, 1, 2, 4]); i > 0; i--)
        bytes = damageMessage(random, bytes, random.pick(seeds)[1]);
      return concat([Uint8Array.of(decoder), bytes]);
    },
    run: async (input) => {
      const decode = decoders[input[0] ?? 0];
      return decode === undefined
        ? { kind: "refused", reason: "no such decoder" }
        : decode(input.subarray(1));
    },
  };
}

type Decoder = 0 | 1 | 2 | 3 | 4 | 5;

function roundTrip<Value>(
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => Value,
  encode: (value: Value) => Uint8Array,
): Outcome {
  let value: Value;
  try {
    value = decode(bytes);
  } catch (error) {
    // Its cause is the library's, in the library's own words and classes.
    if (error instanceof DamagedRecordError && isOfLibrary(error.cause)) {
      return { kind: "refused", reason: "not a protobuf message" };
    }
    return judge(error, "record", [ForeignRecordError]);
  }
  try {
    const again = decode(encode(value));
    if (isDeepStrictEqual(again, value)) return { kind: "accepted" };
    return { kind: "finding", what: "a record changes when it is written and read again", detail: "" };
  } catch (error) {
    return unexpected(error, "record written again");
  }
}

function isOfLibrary(cause: unknown): boolean {
  return cause instanceof Error && /^\s+at .*@bufbuild\/protobuf/m.test(cause.stack ?? "");
}

/** Never throws: what can't be decoded is as good as absent. */
function statusDetails(bytes: Uint8Array): Outcome {
  try {
    const { code, message, params } = statusParts(9, "text", [Buffer.from(bytes).toString("base64")]);
    if (code !== "FAILED_PRECONDITION" || typeof message !== "string") {
      return { kind: "finding", what: "status details change the code", detail: code };
    }
    return params === undefined
      ? { kind: "refused", reason: "status details without Error" }
      : { kind: "accepted" };
  } catch (error) {
    return unexpected(error, "status details");
  }
}

function targetText(bytes: Uint8Array): Outcome {
  try {
    const target = decodeTargetSpec(Buffer.from(bytes).toString("latin1"));
    if (target === undefined) return { kind: "refused", reason: "no target" };
    if (isDeepStrictEqual(decodeTargetSpec(encodeTargetSpec(target)), target)) return { kind: "accepted" };
    return {
      kind: "finding",
      what: "a target changes when it is written and read again",
      detail: JSON.stringify(bytes),
    };
  } catch (error) {
    return unexpected(error, "target text");
  }
}
