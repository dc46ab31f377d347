import { expect, it } from "vitest";
import { startS3rver } from "../../../test/support/s3rver.ts";
import { openStore } from "../open-store.ts";

const signal = new AbortController().signal;
const ODD_KEYS = [
  "a b",
  "a%20b",
  "a+b",
  "a?b=c",
  "a#b",
  "ünï/日本.parquet",
  "quote'(x)*!",
  "a&b=c;d@e:f,g$h",
];

it("08 §5.2 a server that others wrote finds odd keys too, and takes our signatures", async () => {
  await using server = await startS3rver();
  const store = openStore({ local: { kind: "none" }, s3: server.settings });
  for (const key of ODD_KEYS) await server.put(key, `content of ${key}`);
  for (const key of ODD_KEYS) {
    await using file = await store.open(`s3://bucket/${key}`, { signal });
    expect(Buffer.from(await file.read(0, file.size, { signal })).toString()).toBe(`content of ${key}`);
  }
  const listed: string[] = [];
  for await (const { path } of store.list("s3://bucket/", { recursive: true, signal })) listed.push(path);
  expect(listed.sort()).toEqual(ODD_KEYS.map((key) => `s3://bucket/${key}`).sort());
  store.close();
}, 20_000);
