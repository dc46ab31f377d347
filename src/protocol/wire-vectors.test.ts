/** The hex vectors of 01 §14, for the generated code of both generations. */
import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import * as chunkedStats from "./chunked/gen/floecat/catalog/stats_pb.ts";
import * as chunkedCommon from "./chunked/gen/floecat/common/common_pb.ts";
import * as chunkedReconciler from "./chunked/gen/floecat/reconciler/reconciler_pb.ts";
import * as inlineStats from "./inline/gen/floecat/catalog/stats_pb.ts";
import * as inlineCommon from "./inline/gen/floecat/common/common_pb.ts";
import * as inlineReconciler from "./inline/gen/floecat/reconciler/reconciler_pb.ts";
import { signed64, unsigned64 } from "./records/wire-values.ts";

function hex<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): string {
  return Buffer.from(toBinary(schema, create(schema, init))).toString("hex");
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, "hex");
}

const lease = { jobId: "job-1", leaseEpoch: "e1" };

describe.each([
  { generation: "inline", reconciler: inlineReconciler, stats: inlineStats, common: inlineCommon },
  { generation: "chunked", reconciler: chunkedReconciler, stats: chunkedStats, common: chunkedCommon },
])("01 §14, $generation", ({ reconciler, stats, common }) => {
  const tableId = { accountId: "acct", id: "table-1", kind: common.ResourceKind.RK_TABLE };

  test("01 E1: a renew request", () => {
    expect(hex(reconciler.RenewReconcileLeaseRequestSchema, lease)).toBe("0a056a6f622d3112026531");
  });

  test("01 E2: a lease request packs its kinds", () => {
    const { RJK_EXEC_FILE_GROUP } = reconciler.ReconcileJobKind;
    expect(
      hex(reconciler.LeaseReconcileJobRequestSchema, {
        executorId: "w1",
        jobKinds: [RJK_EXEC_FILE_GROUP],
        executorIds: ["w1"],
      }),
    ).toBe("0a0277312201052a027731");
  });

  test("01 E3: a lease request with classes and lanes", () => {
    const request = hex(reconciler.LeaseReconcileJobRequestSchema, {
      executorId: "w1",
      executionClasses: [reconciler.ExecutionClass.EC_DEFAULT, reconciler.ExecutionClass.EC_HEAVY],
      lanes: ["*"],
      jobKinds: [reconciler.ReconcileJobKind.RJK_EXEC_FILE_GROUP],
      executorIds: ["w1", "file-group"],
    });
    expect(request).toBe("0a027731120201041a012a2201052a0277312a0a66696c652d67726f7570");
  });

  test("01 E4: a resource id", () => {
    expect(hex(common.ResourceIdSchema, tableId)).toBe("0a046163637412077461626c652d311804");
  });

  test("01 E5, E6: the empty tasks of the server", () => {
    const none = unsigned64(-1n);
    expect(
      hex(reconciler.ReconcileSnapshotTaskSchema, {
        snapshotId: none,
        completionMode: reconciler.ReconcileSnapshotTask_CompletionMode.RSCM_FILE_GROUPS,
      }),
    ).toBe("10ffffffffffffffffff013801");
    expect(hex(reconciler.ReconcileTableTaskSchema, { mode: "STRICT" })).toBe("3206535452494354");
    expect(hex(reconciler.ReconcileFileGroupTaskSchema, { snapshotId: none })).toBe("20ffffffffffffffffff01");
  });

  test("01 E11: a successful completion", () => {
    expect(
      hex(reconciler.CompleteLeasedReconcileJobRequestSchema, {
        ...lease,
        state: reconciler.ReconcileCompletionState.RCS_SUCCEEDED,
        statsProcessed: 3n,
        message: "ok",
      }),
    ).toBe("0a056a6f622d3112026531180140034a026f6b");
  });

  test("01 E12: a failed completion", () => {
    expect(
      hex(reconciler.CompleteLeasedReconcileJobRequestSchema, {
        ...lease,
        state: reconciler.ReconcileCompletionState.RCS_FAILED,
        errors: 1n,
        message: "boom",
        failureRetryDisposition: reconciler.ReconcileFailureRetryDisposition.RFRD_RETRYABLE,
        failureRetryClass: reconciler.ReconcileFailureRetryClass.RFRC_TRANSIENT_ERROR,
      }),
    ).toBe("0a056a6f622d3112026531180230014a04626f6f6d60016801");
  });

  test("01 E13: progress", () => {
    const request = { ...lease, statsProcessed: 3n, message: "ok" };
    expect(hex(reconciler.ReportReconcileProgressRequestSchema, request)).toBe(
      "0a056a6f622d3112026531380342026f6b",
    );
  });

  test("01 E14: explicit zeros and empty bounds are written", () => {
    expect(hex(stats.ScalarStatsSchema, { nullCount: 0n, min: "" })).toBe("28004200");
  });

  test("01 E15: an exact count of 0 is written", () => {
    expect(hex(stats.NdvSchema, { mode: { case: "exact", value: 0n } })).toBe("0800");
  });

  test("01 E16: targets; the table target is an empty message", () => {
    expect(hex(stats.StatsTargetSchema, { target: { case: "table", value: {} } })).toBe("0a00");
    expect(hex(stats.StatsTargetSchema, { target: { case: "column", value: { columnId: 3n } } })).toBe(
      "12020803",
    );
    expect(hex(stats.StatsTargetSchema, { target: { case: "file", value: { filePath: "f" } } })).toBe(
      "22030a0166",
    );
  });

  test("01 E17: a FILE record", () => {
    const filePath = "s3://b/f.parquet";
    const record = hex(stats.TargetStatsRecordSchema, {
      tableId,
      snapshotId: 55n,
      target: { target: { case: "file", value: { filePath } } },
      metadata: { producer: 1, completeness: 1, captureMode: 2 },
      value: {
        case: "file",
        value: {
          tableId,
          snapshotId: 55n,
          filePath,
          fileFormat: "PARQUET",
          rowCount: 3n,
          sizeBytes: 1024n,
          fileContent: stats.FileContent.FC_DATA,
        },
      },
    });
    expect(record).toBe(
      "0a110a046163637412077461626c652d31180410371a1422120a1073333a2f2f622f662e70617271756574220608011001380262370a11" +
        "0a046163637412077461626c652d31180410371a1073333a2f2f622f662e7061727175657422075041525155455428033080084001",
    );
  });

  test("01 E18: properties", () => {
    expect(hex(stats.TargetStatsRecordSchema, { properties: { a: "b" } })).toBe("9a06060a0161120162");
  });

  test("01 E20: a timestamp", () => {
    expect(hex(TimestampSchema, { seconds: 1_700_000_000n, nanos: 123_000_000 })).toBe(
      "0880e2cfaa0610c0a9d33a",
    );
  });

  test("01 E21: a snapshot id past 2^53", () => {
    expect(hex(reconciler.LeasedFileGroupExecutionSchema, { snapshotId: 7465432123456789012n })).toBe(
      "4094b4baabe7dea2cd67",
    );
  });

  test("01 D1: snapshot id 2^64-1 is -1, no snapshot", () => {
    const task = fromBinary(reconciler.ReconcileFileGroupTaskSchema, bytes("20ffffffffffffffffff01"));
    expect(task.snapshotId).toBe(18446744073709551615n);
    expect(signed64(task.snapshotId)).toBe(-1n);
  });

  test("01 D2: unpacked kinds are read", () => {
    expect(fromBinary(reconciler.LeaseReconcileJobRequestSchema, bytes("2005")).jobKinds).toEqual([5]);
  });

  test("01 D3: an unknown kind is kept", () => {
    expect(fromBinary(reconciler.LeaseReconcileJobRequestSchema, bytes("2063")).jobKinds).toEqual([99]);
  });

  test("01 D8: a file result with an empty artifact has no artifact uri", () => {
    const result = fromBinary(reconciler.ReconcileFileResultSchema, bytes("0a0166100118012a00"));
    expect(result.indexArtifact?.artifactUri).toBe("");
  });
});

describe("01 §14, where the generations differ", () => {
  test("01 E7: an empty inline success and an empty chunk are the same bytes", () => {
    const inline = hex(inlineReconciler.SubmitLeasedFileGroupExecutionResultRequestSchema, {
      ...lease,
      outcome: { case: "success", value: { resultId: "r1" } },
    });
    const chunked = hex(chunkedReconciler.SubmitLeasedFileGroupExecutionResultRequestSchema, {
      ...lease,
      outcome: { case: "chunk", value: { resultId: "r1" } },
    });
    expect([inline, chunked]).toEqual(Array(2).fill("0a056a6f622d31120265311a040a027231"));
  });

  test("01 E8: chunk 1", () => {
    expect(
      hex(chunkedReconciler.SubmitLeasedFileGroupExecutionResultRequestSchema, {
        outcome: { case: "chunk", value: { resultId: "r1", chunkIndex: 1 } },
      }),
    ).toBe("1a060a0272311001");
  });

  test("01 E9: a chunked success writes the empty artifact", () => {
    expect(
      hex(chunkedReconciler.SubmitLeasedFileGroupExecutionResultRequestSchema, {
        outcome: {
          case: "success",
          value: {
            resultId: "r1",
            fileResults: [
              {
                filePath: "f",
                state: chunkedReconciler.ReconcileFileResult_State.RFRS_SUCCEEDED,
                statsProcessed: 1n,
                indexArtifact: {},
              },
            ],
            chunkCount: 1,
          },
        },
      }),
    ).toBe("22110a02723112090a0166100118012a001801");
  });

  test("01 E10: failures", () => {
    const value = { resultId: "r1", message: "boom" };
    expect(
      hex(inlineReconciler.SubmitLeasedFileGroupExecutionResultRequestSchema, {
        outcome: { case: "failure", value },
      }),
    ).toBe("220a0a0272311204626f6f6d");
    expect(
      hex(chunkedReconciler.SubmitLeasedFileGroupExecutionResultRequestSchema, {
        outcome: { case: "failure", value },
      }),
    ).toBe("2a0a0a0272311204626f6f6d");
  });

  test("01 E16: a composite target packs its ids", () => {
    expect(
      hex(chunkedStats.StatsTargetSchema, {
        target: { case: "composite", value: { columnIds: [1n, 2n, 3n] } },
      }),
    ).toBe("2a050a03010203");
  });

  test("01 E19: sketch parameters keep their order", () => {
    expect(
      hex(chunkedStats.SketchPayloadSchema, {
        params: { encoding: "raw", compression: "none", version: "1" },
      }),
    ).toBe(
      "220f0a08656e636f64696e67120372617722130a0b636f6d7072657373696f6e12046e6f6e65220c0a0776657273696f6e120131",
    );
  });

  test("01 D9: an inline failure is not a chunked request", () => {
    const failure = bytes("220a0a0272311204626f6f6d");
    expect(() =>
      fromBinary(chunkedReconciler.SubmitLeasedFileGroupExecutionResultRequestSchema, failure),
    ).toThrow();
  });
});
