import { expect, test } from "vitest";
import { AccessDeniedError, ServiceAnswerError, SourceMissingError, TableError } from "../model/index.ts";
import { ControlPlaneError } from "../protocol/port.ts";
import { IncompleteCaptureError } from "./completeness.ts";
import { credentialsHaveEnded, errorText, failureDetail, judgeFailure } from "./failure.ts";

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

/** A data file's error as a group fails with it. */
function wrapped(cause: Error): Error {
  return new TableError("Failed to read parquet page indexes for s3://b/k", { cause });
}
const answer = (httpStatus: number, code?: string) =>
  new ServiceAnswerError("S3 answered", { httpStatus, code });

test.each([
  [403, "AccessDenied"],
  [403, undefined],
  [401, undefined],
  [403, "RequestTimeTooSkewed"],
  [400, "ExpiredToken"],
  [400, "ExpiredTokenException"],
  [400, "InvalidToken"],
  [400, "UnrecognizedClientException"],
])("08 §6 rule 5, F6: an AWS answer %s %s is final, wherever it stands", (status, code) => {
  expect(judgeFailure(wrapped(answer(status, code))).kind).toBe("denied");
});

test.each([
  [301, "PermanentRedirect"],
  [400, "AuthorizationHeaderMalformed"],
  [503, "SlowDown"],
  [404, "NoSuchKey"],
])("08 §6 rule 6, F7: an AWS answer %s %s below a data file is an ordinary failure", (status, code) => {
  expect(judgeFailure(wrapped(answer(status, code))).kind).toBe("ordinary");
});

test("decision 22: ended credentials are told from a refusal", () => {
  expect(credentialsHaveEnded(wrapped(answer(403, "ExpiredToken")))).toBe(true);
  expect(credentialsHaveEnded(wrapped(answer(400, "ExpiredTokenException")))).toBe(true);
  expect(credentialsHaveEnded(wrapped(answer(403, "AccessDenied")))).toBe(false);
  expect(credentialsHaveEnded(wrapped(new AccessDeniedError("ExpiredToken")))).toBe(false);
});

test("08 S18: a vend that was refused during a capture is final and reports its own text", () => {
  const vend = new ControlPlaneError("refused", "vendStorageCredentials", {
    code: "PERMISSION_DENIED",
    message: "no",
  });
  const text = "Execution-bound storage credential refresh was rejected";
  expect(judgeFailure(wrapped(new AccessDeniedError(text, { cause: vend })))).toEqual({
    kind: "denied",
    message: `ReconcileFailureException: ${text}`,
  });
});

test("03 §18 row 3: a lease lost while credentials were renewed drops the job", () => {
  const vend = new ControlPlaneError("lease-lost", "vendStorageCredentials", {
    code: "FAILED_PRECONDITION",
    message: "",
  });
  const rejected = new AccessDeniedError("rejected", { cause: vend });
  expect(judgeFailure(wrapped(rejected))).toEqual({ kind: "lease-lost" });
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
  expect(errorText(new Error(`echo: Signature=${"0a".repeat(32)}, x`))).toBe("Error: echo: Signature=…, x");
  expect(errorText(new Error("POST http://me:pass@host/x failed"))).toBe(
    "Error: POST http://…@host/x failed",
  );
});

test("03 §10.6: a cause chain that bites its tail, an endless text and a thrown string end", () => {
  const loop = new Error("a");
  loop.cause = loop;
  expect(failureDetail(loop)).toBe("Error: a");
  expect(failureDetail(new Error("x".repeat(100_000))).length).toBeLessThanOrEqual(8192);
  expect(failureDetail("plain")).toBe("Error: plain");
});
