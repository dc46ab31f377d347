import { expect, test } from "vitest";
import {
  ControlPlaneError,
  type ControlPlaneErrorKind,
  controlPlaneErrorKind,
  type StatusParts,
} from "./port.ts";

const SUBMIT = "submitLeasedFileGroupExecutionResult";

test.each<[string, StatusParts, ControlPlaneErrorKind, ControlPlaneErrorKind]>([
  ["03 §3.5 UNAVAILABLE", { code: "UNAVAILABLE", message: "" }, "transport", "transport"],
  ["03 §3.5 UNKNOWN", { code: "UNKNOWN", message: "" }, "transport", "transport"],
  ["03 §3.5 DEADLINE_EXCEEDED", { code: "DEADLINE_EXCEEDED", message: "" }, "transport", "transport"],
  ["03 §3.5 CANCELLED", { code: "CANCELLED", message: "" }, "refused", "transport"],
  ["03 §18 INTERNAL", { code: "INTERNAL", message: "" }, "internal", "internal"],
  ["03 §18 UNAUTHENTICATED", { code: "UNAUTHENTICATED", message: "" }, "unauthenticated", "unauthenticated"],
  ["03 §3.7 message too large", { code: "RESOURCE_EXHAUSTED", message: "" }, "too-large", "too-large"],
  [
    "02 §3.3 scan overload",
    { code: "RESOURCE_EXHAUSTED", message: "", errorCode: "MC_RATE_LIMITED" },
    "overloaded",
    "overloaded",
  ],
  [
    "02 §1.4 lease text",
    {
      code: "FAILED_PRECONDITION",
      message: "Precondition failed.",
      params: { root_message: "FAILED_PRECONDITION: reconcile lease is no longer valid" },
    },
    "lease-lost",
    "lease-lost",
  ],
  [
    "02 §1.4 inactive job",
    {
      code: "FAILED_PRECONDITION",
      message: "Precondition failed.",
      params: {
        root_message:
          "FAILED_PRECONDITION: reconcile job is no longer active for lease job-1 state=JS_FAILED",
      },
    },
    "lease-lost",
    "lease-lost",
  ],
  [
    "02 §1.4 marker in params",
    { code: "FAILED_PRECONDITION", message: "", params: { reason: "RECONCILE_LEASE_PRECONDITION_FAILED" } },
    "lease-lost",
    "lease-lost",
  ],
  [
    "02 §1.4 marker in ErrorInfo",
    { code: "FAILED_PRECONDITION", message: "", errorInfoReason: "RECONCILE_LEASE_PRECONDITION_FAILED" },
    "lease-lost",
    "lease-lost",
  ],
  [
    "02 §4.6 another precondition",
    {
      code: "FAILED_PRECONDITION",
      message: "",
      params: { root_message: "FAILED_PRECONDITION: reconcile job is not an EXEC_FILE_GROUP job" },
    },
    "refused",
    "refused",
  ],
  [
    "02 §12.5 mismatch",
    { code: "ABORTED", message: "", errorCode: "MC_CONFLICT", params: { op: "x", key: "k" } },
    "conflict",
    "conflict",
  ],
  [
    "02 §12.4 other record stored",
    {
      code: "ABORTED",
      message: "",
      errorCode: "MC_CONFLICT",
      params: { root_message: "pointer bound to different blob: /k" },
    },
    "content-conflict",
    "content-conflict",
  ],
  [
    "02 §12.3 retryable abort",
    { code: "ABORTED", message: "", errorCode: "MC_ABORT_RETRYABLE" },
    "retryable-abort",
    "retryable-abort",
  ],
  ["03 §18 INVALID_ARGUMENT", { code: "INVALID_ARGUMENT", message: "" }, "invalid", "invalid"],
  ["NOT_FOUND", { code: "NOT_FOUND", message: "" }, "refused", "refused"],
])("%s", (_name, status, inline, chunked) => {
  expect(controlPlaneErrorKind(SUBMIT, status, "inline")).toBe(inline);
  expect(controlPlaneErrorKind(SUBMIT, status, "chunked")).toBe(chunked);
});

test("02 §3.3: RESOURCE_EXHAUSTED of another call is overload, details or not", () => {
  expect(
    controlPlaneErrorKind("leaseReconcileJob", { code: "RESOURCE_EXHAUSTED", message: "" }, "chunked"),
  ).toBe("overloaded");
});

test("02 §1.4: the message tells the specific text, once with its code", () => {
  const status = {
    code: "FAILED_PRECONDITION",
    message: "Precondition failed.",
    params: { root_message: "FAILED_PRECONDITION: reconcile lease is no longer valid" },
  };
  expect(new ControlPlaneError("lease-lost", SUBMIT, status).message).toBe(
    "FAILED_PRECONDITION: reconcile lease is no longer valid",
  );
  expect(new ControlPlaneError("transport", SUBMIT, { code: "UNAVAILABLE", message: "" }).message).toBe(
    "UNAVAILABLE",
  );
});
