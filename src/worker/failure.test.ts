import { expect, test } from "vitest";
import { AccessDeniedError, SourceMissingError, TableError } from "../model/index.ts";
import { ControlPlaneError } from "../protocol/port.ts";
import { IncompleteCaptureError } from "./completeness.ts";
import { errorText, failureDetail, judgeFailure } from "./failure.ts";

test("03 R15: the detail names each error of the cause chain, outermost first", () => {
  const cause = new TableError("Unsupported parquet page type DICTIONARY_PAGE", {
    referenceType: "IllegalArgumentException",
  });
  const error = new TableError("Delta stats compute failed (version 41)", { cause });
  expect(judgeFailure(error)).toEqual({
    kind: "ordinary",
    detail:
      "RuntimeException: Delta stats compute failed (version 41) | caused by: " +
      "IllegalArgumentException: Unsupported parquet page type DICTIONARY_PAGE",
  });
});

test("03 R17, R20 by decision 25: a missing source is told by the type of the outermost error", () => {
  expect(judgeFailure(new SourceMissingError("table missing"))).toEqual({
    kind: "source-missing",
    message: "ReconcileFailureException: source object missing",
  });
});

test("05 §13, 03 R20: a missing data file comes wrapped, and is an ordinary failure", () => {
  const missing = new TableError("Delta stats compute failed (version 3)", {
    cause: new SourceMissingError("s3://b/t/x.parquet does not exist"),
  });
  expect(judgeFailure(missing)).toEqual({
    kind: "ordinary",
    detail:
      "RuntimeException: Delta stats compute failed (version 3) | caused by: " +
      "SourceMissingError: s3://b/t/x.parquet does not exist",
  });
});

test("03 R20 by decision 25: words don't make a source missing", () => {
  expect(judgeFailure(new Error("HTTP 404 for x")).kind).toBe("ordinary");
});

test("03 R18, §12.1 rule 3: a refused identity is final and reports its own text", () => {
  expect(
    judgeFailure(new Error("read", { cause: new AccessDeniedError("s3://b/k: AccessDenied (403)") })),
  ).toEqual({ kind: "denied", message: "ReconcileFailureException: s3://b/k: AccessDenied (403)" });
  const vend = new ControlPlaneError("refused", "getLeasedFileGroupExecution", {
    code: "PERMISSION_DENIED",
    message: "no",
  });
  expect(judgeFailure(vend).kind).toBe("denied");
});

test("03 R19 by decision 2, 03 §18 row 3: a lease lost at a credential vend drops the job", () => {
  const vend = new ControlPlaneError("lease-lost", "getLeasedFileGroupExecution", {
    code: "FAILED_PRECONDITION",
    message: "reconcile lease is no longer valid",
  });
  expect(judgeFailure(new Error("credentials", { cause: vend }))).toEqual({ kind: "lease-lost" });
});

test("03 R23: an incomplete capture reports the reference's type", () => {
  expect(failureDetail(new IncompleteCaptureError("nothing staged"))).toBe(
    "IllegalStateException: nothing staged",
  );
});

test("03 §10.6: a blank message leaves the type alone; signed URLs lose their query", () => {
  expect(errorText(new RangeError(" "))).toBe("RangeError");
  expect(errorText(new Error("GET https://b.s3.aws/k?X-Amz-Signature=abc&x=1 failed"))).toBe(
    "Error: GET https://b.s3.aws/k?… failed",
  );
});

test("03 §10.6: a cause chain that bites its tail, an endless text and a thrown string end", () => {
  const loop = new Error("a");
  loop.cause = loop;
  expect(failureDetail(loop)).toBe("Error: a");
  expect(failureDetail(new Error("x".repeat(100_000))).length).toBeLessThanOrEqual(8192);
  expect(failureDetail("plain")).toBe("Error: plain");
});
