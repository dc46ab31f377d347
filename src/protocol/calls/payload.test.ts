import { expect, test } from "vitest";
import { InvalidPayloadError } from "../port.ts";
import { fileGroupFrom, type PayloadMessage } from "./payload.ts";

const payload: PayloadMessage = {
  jobId: "job-1",
  leaseEpoch: "lease-1",
  sourceConnector: {
    resourceId: { accountId: "acct", id: "connector-1", kind: 7 },
    kind: 2,
    uri: "s3://bucket/table",
    properties: { "s3.region": "eu-west-1" },
    auth: { scheme: "none", properties: { token: "t" }, headerHints: { h: "v" } },
  },
  sourceNamespace: " ns ",
  sourceTable: " t ",
  tableId: { accountId: "acct", id: "table-1", kind: 4 },
  snapshotId: 41n,
  planId: " plan-1 ",
  groupId: " group-1 ",
  filePaths: ["s3://bucket/file.parquet"],
  capturePolicy: { columns: [], outputs: [2], defaultColumnScope: 2, maxDefaultColumns: 5 },
  storageLocation: " s3://bucket/table ",
};

const job = { jobId: "job-1", leaseEpoch: "lease-1", fullRescan: true };

type Policy = NonNullable<PayloadMessage["capturePolicy"]>;

function policyOf(policy: Partial<Policy>) {
  const capturePolicy = { columns: [], outputs: [2], defaultColumnScope: 1, maxDefaultColumns: 0, ...policy };
  return fileGroupFrom("chunked", { ...payload, capturePolicy }, job).policy;
}

test("03 §8: texts are trimmed, the connector comes with its resolved secrets", () => {
  expect(fileGroupFrom("chunked", payload, job)).toEqual({
    generation: "chunked",
    planId: "plan-1",
    groupId: "group-1",
    tableId: { accountId: "acct", id: "table-1", kind: 4 },
    snapshotId: 41n,
    sourceNamespace: "ns",
    sourceTable: "t",
    connector: {
      resourceId: { accountId: "acct", id: "connector-1", kind: 7 },
      kind: "delta",
      uri: "s3://bucket/table",
      properties: { "s3.region": "eu-west-1" },
      auth: { scheme: "none", properties: { token: "t" }, headerHints: { h: "v" } },
    },
    filePaths: ["s3://bucket/file.parquet"],
    policy: {
      columns: [],
      outputs: new Set(["file"]),
      defaultColumnScope: "all",
      maxDefaultColumns: 5,
      properties: {},
    },
    storageLocation: "s3://bucket/table",
    fullRescan: true,
  });
});

test("03 §8: what the payload lacks is empty", () => {
  const { sourceConnector: _, tableId: __, capturePolicy: ___, storageLocation: ____, ...rest } = payload;
  expect(fileGroupFrom("inline", rest, job)).toMatchObject({
    tableId: { accountId: "", id: "", kind: 0 },
    connector: { resourceId: undefined, kind: "unspecified", uri: "", auth: { scheme: "" } },
    policy: { outputs: new Set(), defaultColumnScope: "first-n", maxDefaultColumns: 32 },
    storageLocation: "",
  });
});

test.each([
  [0, "first-n"],
  [1, "first-n"],
  [9, "first-n"],
  [2, "all"],
  [3, "explicit-only"],
] as const)("03 M3: default_column_scope %i is %s", (number, scope) => {
  expect(policyOf({ defaultColumnScope: number }).defaultColumnScope).toBe(scope);
});

test.each([
  [0, 32],
  [1, 1],
  [2 ** 31 - 1, 2 ** 31 - 1],
  [2 ** 31, 32],
])("03 M3: max_default_columns %i is %i", (number, count) => {
  expect(policyOf({ maxDefaultColumns: number }).maxDefaultColumns).toBe(count);
});

test.each([0, 5, 99])("03 M4: output %i is refused", (output) => {
  expect(() => policyOf({ outputs: [output] })).toThrow(
    new InvalidPayloadError("capture output is required"),
  );
});

test("03 §8: without columns and outputs the policy is the empty one, whatever else it says", () => {
  expect(policyOf({ outputs: [], defaultColumnScope: 3, maxDefaultColumns: 7 })).toMatchObject({
    outputs: new Set(),
    defaultColumnScope: "first-n",
    maxDefaultColumns: 32,
  });
});

test("03 M5: selectors are trimmed; blank, disabled and repeated ones are dropped", () => {
  const entry = (selector: string, captureStats: boolean, captureIndex: boolean) => ({
    selector,
    captureStats,
    captureIndex,
  });
  const columns = [
    entry(" a ", true, false),
    entry("a", true, false),
    entry("b", false, false),
    entry(" ", true, false),
    entry("c", false, true),
  ];
  expect(policyOf({ columns }).columns).toEqual([entry("a", true, false), entry("c", false, true)]);
});

test("03 M6: snapshot id 2^64-1 is -1, no snapshot", () => {
  expect(fileGroupFrom("inline", { ...payload, snapshotId: 2n ** 64n - 1n }, job).snapshotId).toBe(-1n);
});

test("03 M7: paths are trimmed, blank ones dropped, order and duplicates kept", () => {
  const filePaths = [" x ", "", "y", "y"];
  expect(fileGroupFrom("inline", { ...payload, filePaths }, job).filePaths).toEqual(["x", "y", "y"]);
});

test.each([
  ["job id", { jobId: "job-2" }],
  ["lease epoch", { leaseEpoch: "lease-0" }],
])("03 §18 row 7: a payload with another %s is refused", (what, other) => {
  const read = () => fileGroupFrom("inline", { ...payload, ...other }, job);
  expect(read).toThrow(InvalidPayloadError);
  expect(read).toThrow(`the payload is of another job: its ${what} is`);
});

test("03 §18 row 7: a payload that echoes nothing is taken", () => {
  expect(fileGroupFrom("inline", { ...payload, jobId: "", leaseEpoch: "" }, job).planId).toBe("plan-1");
});
