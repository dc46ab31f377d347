import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UsageError } from "../../model/index.ts";
import { sessionPolicy } from "./assume-role.ts";
import { readAuthorities } from "./read.ts";
import { isAboveOrBelow, tableLocation } from "./table-location.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "authorities-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(content: unknown) {
  const path = join(folder, "authorities.json");
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return await readAuthorities(path, "local");
}

const KEYS = { accessKeyId: "planted-key", secretAccessKey: "planted-secret" };

test("an authority from its file", async () => {
  const [authority] = await read([
    { location: "s3://w/t", region: "r", pathStyleAccess: true, ...KEYS, lifetimeSeconds: 5 },
  ]);
  expect(authority).toMatchObject({
    accountId: "local",
    enabled: true,
    locationPrefix: "s3://w/t",
    region: "r",
    pathStyle: true,
    keys: { ...KEYS, lifetimeSeconds: 5 },
  });
});

test.each([
  ["not JSON", '[{"secretAccessKey": "planted-secret"', /not valid JSON/],
  ["no list", KEYS, /storage authority/],
  ["an unknown name", [{ location: "s3://w", secretkey: "planted-secret" }], /0/],
  ["half a pair of keys", [{ location: "s3://w", secretAccessKey: "planted-secret" }], /belong together/],
  ["a location that isn't on S3", [{ location: "gs://planted-secret", ...KEYS }], /0.location: an s3:/],
])("is refused with %s, without repeating a value of it", async (_, content, message) => {
  const error = await read(content).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toMatch(message);
  expect(String(error)).not.toContain("planted-secret");
});

test("a file that isn't there is told by name", async () => {
  await expect(readAuthorities(join(folder, "none.json"), "local")).rejects.toThrow(
    /none\.json can't be read: ENOENT/,
  );
});

const table = { accountId: "a", tableId: "t", connectorId: "c", namespaceParts: [], name: "n" };

test("08 §3.3: the table's location is the first that looks like one", () => {
  const of = (properties: Record<string, string>, upstreamUri = "") =>
    tableLocation({ ...table, properties, upstreamUri });
  expect(of({ storage_location: "orders", location: " s3://b/t/ " })).toBe("s3://b/t");
  expect(of({ "external.location": "s3://b/e", "delta.table-root": "s3://b/d" })).toBe("s3://b/d");
  expect(of({ source_metadata_location: "s3://b/t/metadata/1.json" })).toBe("s3://b/t");
  expect(of({}, "s3://b/one\ns3://b/two")).toBe("s3://b/one");
  expect(of({ location: "/local" }, "file:///x")).toBeUndefined();
});

test("08 S22, S23: below and above the table, segment by segment", () => {
  expect(isAboveOrBelow("s3://w/orders/x", "s3://w/orders")).toBe(true);
  expect(isAboveOrBelow("s3://w/", "s3://w/orders")).toBe(true);
  expect(isAboveOrBelow("s3://w/ord", "s3://w/orders")).toBe(false);
  expect(isAboveOrBelow("s3://w/orders2", "s3://w/orders")).toBe(false);
});

test("08 §3.3: the session policy of a role reaches no further than the location, and chunked may only read", () => {
  expect(sessionPolicy("s3://b/t/", "chunked").Statement).toEqual([
    {
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: "arn:aws:s3:::b",
      Condition: { StringLike: { "s3:prefix": ["t", "t/*"] } },
    },
    { Effect: "Allow", Action: ["s3:GetBucketLocation"], Resource: "arn:aws:s3:::b" },
    { Effect: "Allow", Action: ["s3:GetObject", "s3:GetObjectVersion"], Resource: "arn:aws:s3:::b/t/*" },
  ]);
  const inline = sessionPolicy("s3://b", "inline").Statement;
  expect(inline[0]).not.toHaveProperty("Condition");
  expect(inline[2]).toMatchObject({
    Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
    Resource: "arn:aws:s3:::b/*",
  });
});
