import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Fault, type S3Double, startS3Double } from "../../../test/support/s3-double/index.ts";
import { AccessDeniedError, systemClock, TransientReadError } from "../../model/index.ts";
import { openStore } from "../open-store.ts";
import type { StoreLimits, StoreSettings } from "../settings.ts";

const signal = new AbortController().signal;
const bytes = Uint8Array.from({ length: 500_000 }, (_, index) => (index * 7) % 253);

let s3: S3Double;
let waits: number[];
beforeEach(async () => {
  s3 = await startS3Double();
  s3.objects.put("bucket", "f", bytes);
  waits = [];
});
afterEach(async () => {
  await s3[Symbol.asyncDispose]();
});

function store(limits: StoreLimits = {}, reach?: StoreSettings["reach"]) {
  return openStore(
    {
      local: { kind: "none" },
      s3: { schemes: ["s3"], endpoint: s3.endpoint, pathStyle: true, credentials: { kind: "anonymous" } },
      limits,
      reach,
    },
    {
      random: () => 0.5,
      clock: {
        ...systemClock,
        async sleep(ms, sleepSignal) {
          // Deadlines are long, waits between tries are not.
          if (ms >= 30_000) return await systemClock.sleep(ms, sleepSignal);
          waits.push(ms);
        },
      },
    },
  );
}

/** The faults of the first requests after opening, then none. */
async function readUnder(...faults: (Fault | undefined)[]): Promise<Uint8Array> {
  await using file = await store().open("s3://bucket/f", { signal });
  const first = s3.requests.length;
  s3.fault = (_, index) => faults[index - first];
  return await file.read(0, 400_000, { signal });
}

describe("08 §5.4 what fails in passing is tried again", () => {
  it.each<Fault>([
    { kind: "answer", status: 503, code: "SlowDown" },
    { kind: "answer", status: 500, code: "InternalError" },
    { kind: "answer", status: 429 },
    { kind: "answer", status: 400, code: "RequestTimeout" },
    { kind: "reset" },
    { kind: "wrong-range", by: 1 },
    { kind: "cut", afterBytes: 0 },
  ])("%o", async (fault) => {
    expect(await readUnder(fault, fault)).toEqual(bytes.subarray(0, 400_000));
    expect(waits).toHaveLength(2);
  });

  it("waits longer each time, and longer still where S3 asks to slow down", async () => {
    await readUnder({ kind: "reset" }, { kind: "reset" }, { kind: "reset" });
    expect(waits).toEqual([75, 150, 300]);
    waits = [];
    const slowDown: Fault = { kind: "answer", status: 503, code: "SlowDown" };
    await readUnder(slowDown, { ...slowDown, headers: { "retry-after": "7" } });
    expect(waits).toEqual([375, 7000]);
  });

  it("gives up after so many tries, with the last error", async () => {
    const faults = new Array<Fault>(10).fill({ kind: "answer", status: 500, code: "InternalError" });
    await expect(readUnder(...faults)).rejects.toThrow("S3 could not read s3://bucket/f (500 InternalError)");
    expect(s3.requests).toHaveLength(1 + 6);
    s3.fault = () => ({ kind: "reset" });
    await expect(store({ attempts: 2 }).open("s3://bucket/f", { signal })).rejects.toThrow(
      TransientReadError,
    );
  });

  it("what is refused is not tried again", async () => {
    const refused: Fault = { kind: "answer", status: 403, code: "AccessDenied" };
    await expect(readUnder(refused)).rejects.toThrow(AccessDeniedError);
    expect(s3.requests).toHaveLength(2);
  });
});

describe("a body that breaks off", () => {
  it("is taken up where it stopped, with the same identity", async () => {
    const { etag } = s3.objects.put("bucket", "f", bytes);
    expect(await readUnder({ kind: "cut", afterBytes: 200_000 })).toEqual(bytes.subarray(0, 400_000));
    const resumed = s3.requests[2];
    expect(resumed?.ifMatch).toBe(etag);
    expect(Number(/bytes=(\d+)-399999/.exec(resumed?.range ?? "")?.[1])).toBeGreaterThan(0);
  });

  it("again and again is read to its end as long as it gets on, and given up where it doesn't", async () => {
    const cuts = Array.from({ length: 5 }, (): Fault => ({ kind: "cut", afterBytes: 70_000 }));
    expect(await readUnder(...cuts)).toEqual(bytes.subarray(0, 400_000));
    const stuck = Array.from({ length: 20 }, (): Fault => ({ kind: "cut", afterBytes: 10 }));
    await expect(readUnder(...stuck)).rejects.toThrow(TransientReadError);
  });
});

it("an answer that stands still is given up after the idle time", async () => {
  await using file = await store({ idleMs: 30, attempts: 2 }).open("s3://bucket/f", { signal });
  s3.fault = () => ({ kind: "silence" });
  await expect(file.read(0, 10, { signal })).rejects.toThrow(/said nothing for 30 ms/);
});

it("a server that passes over the range gives no wrong bytes", async () => {
  await using file = await store({ attempts: 2 }).open("s3://bucket/f", { signal });
  s3.fault = () => ({ kind: "whole" });
  await expect(file.read(0, 10, { signal })).rejects.toThrow(
    "10 bytes from 0 were asked for, 500000 from 0 of 500000 were sent",
  );
});

describe("8.7 where a connector may point to", () => {
  it("hosts and schemes can be restricted", async () => {
    await expect(store({}, { hosts: ["s3.example.org"] }).open("s3://bucket/f", { signal })).rejects.toThrow(
      "the host 127.0.0.1 is not among those that may be reached",
    );
    await expect(store({}, { schemes: ["https"] }).open("s3://bucket/f", { signal })).rejects.toThrow(
      AccessDeniedError,
    );
    await (
      await store({}, { hosts: ["127.0.0.1"], schemes: ["s3"] }).open("s3://bucket/f", { signal })
    ).close();
    expect(s3.requests).toHaveLength(1);
  });
});
