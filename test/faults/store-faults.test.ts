import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  AccessDeniedError,
  FileReplacedError,
  SourceMissingError,
  systemClock,
  TransientReadError,
} from "../../src/model/index.ts";
import { type OpenedStore, openStore } from "../../src/storage/index.ts";
import { type Fault, type S3Double, startS3Double } from "../support/s3-double/index.ts";

/**
 * 8.2 a store that misbehaves: whatever it does, the right bytes come or an error that says what was read, and nothing else. Each
 * kind of store reads the same object from the same server, through the machinery that all share.
 */
const { signal } = new AbortController();
const bytes = Uint8Array.from({ length: 700_000 }, (_, index) => (index * 31 + (index >> 9)) % 251);

let server: S3Double;
beforeEach(async () => {
  server = await startS3Double();
  server.objects.put("bucket", "t/f", bytes);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

interface Kind {
  readonly name: string;
  path(): string;
}
const KINDS: readonly Kind[] = [
  { name: "S3", path: () => "s3://bucket/t/f" },
  { name: "HTTP", path: () => `${server.endpoint}/bucket/t/f` },
];

/** Waits between tries pass at once, deadlines don't. */
function store(): OpenedStore {
  return openStore(
    {
      local: { kind: "none" },
      s3: {
        schemes: ["s3"],
        endpoint: server.endpoint,
        pathStyle: true,
        credentials: { kind: "anonymous" },
      },
      web: true,
      limits: { idleMs: 100, attempts: 4 },
    },
    {
      clock: {
        ...systemClock,
        sleep: async (ms, sleepSignal) => {
          if (ms >= 30_000) await systemClock.sleep(ms, sleepSignal);
        },
      },
    },
  );
}

/** Once, then not again: every store gets over it. */
const PASSING: readonly Fault[] = [
  { kind: "late", ms: 20 },
  { kind: "silence" },
  { kind: "reset" },
  { kind: "cut", afterBytes: 0 },
  { kind: "cut", afterBytes: 50_000 },
  { kind: "short" },
  { kind: "whole" },
  { kind: "wrong-range", by: 1 },
  { kind: "wrong-range", by: -1 },
  { kind: "answer", status: 500, code: "InternalError" },
  { kind: "answer", status: 502 },
  { kind: "answer", status: 503, code: "SlowDown", headers: { "retry-after": "1" } },
  { kind: "answer", status: 429 },
];

/** No other try helps. */
const FINAL: readonly (readonly [Fault, RegExp])[] = [
  [{ kind: "answer", status: 403, code: "ExpiredToken" }, /refuses to let us read .*\/t\/f \(403/],
  [{ kind: "answer", status: 401, code: "Unauthorized" }, /refuses to let us read .*\/t\/f \(401/],
  [{ kind: "answer", status: 404, code: "NoSuchKey" }, /t\/f does not exist/],
  [{ kind: "answer", status: 412, code: "PreconditionFailed" }, /was replaced while it was being read/],
  [{ kind: "answer", status: 302, code: "Found", headers: { location: "file:///etc/passwd" } }, /\/t\/f/],
  [{ kind: "answer", status: 418, code: "Teapot" }, /could not read .*\/t\/f \(418/],
];

describe.each(KINDS)("a faulty $name server", ({ path }) => {
  it.each(PASSING)("%o, once while it is read: the right bytes", async (fault) => {
    await using file = await store().open(path(), { signal });
    const first = server.requests.length;
    server.fault = (_, index) => (index === first ? fault : undefined);
    expect(await file.read(1000, 500_000, { signal })).toEqual(bytes.slice(1000, 501_000));
  });

  it.each(PASSING)("%o, once while it is opened: the right end", async (fault) => {
    server.fault = (_, index) => (index === 0 ? fault : undefined);
    await using file = await store().open(path(), { signal });
    expect(await file.read(bytes.length - 9, 9, { signal })).toEqual(bytes.slice(-9));
  });

  it.each(PASSING.filter(({ kind }) => kind !== "late"))(
    "%o, always: an error that names the file or the server",
    async (fault) => {
      await using file = await store().open(path(), { signal });
      server.fault = () => fault;
      const failure = await file.read(0, 500_000, { signal }).catch((error: unknown) => error);
      // What comes in pieces comes in the end.
      if (fault.kind === "cut" && fault.afterBytes > 0) {
        if (failure instanceof Uint8Array) expect(failure).toEqual(bytes.slice(0, 500_000));
        return;
      }
      expect(failure).toBeInstanceOf(TransientReadError);
      expect(String(failure)).toMatch(/t\/f|127\.0\.0\.1/);
    },
  );

  it.each(FINAL)("%o: an error at once", async (fault, text) => {
    await using file = await store().open(path(), { signal });
    const before = server.requests.length;
    server.fault = () => fault;
    await expect(file.read(0, 10, { signal })).rejects.toThrow(text);
    expect(server.requests.length).toBe(before + 1);
    await expect(store().open(path(), { signal })).rejects.toThrow(text);
  });

  it("a file that is replaced between two reads is no mixture", async () => {
    await using file = await store().open(path(), { signal });
    await file.read(0, 10, { signal });
    server.objects.put("bucket", "t/f", bytes.toReversed());
    await expect(file.read(10, 10, { signal })).rejects.toThrow(FileReplacedError);
  });

  it("any row of faults: the right bytes or an error of the port, announced ahead or not", async () => {
    const faults = fc.array(fc.option(fc.constantFrom(...PASSING), { nil: undefined }), { maxLength: 12 });
    const range = fc.tuple(fc.nat(bytes.length - 1), fc.nat(300_000));
    await fc.assert(
      fc.asyncProperty(
        faults,
        fc.array(range, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (row, wanted, announced) => {
          server.fault = undefined;
          const first = server.requests.length;
          server.fault = (_, index) => row[index - first];
          const ranges = wanted.map(([offset, length]) => ({
            offset,
            length: Math.min(length, bytes.length - offset),
          }));
          try {
            await using file = await store().open(path(), { signal });
            expect(file.size).toBe(bytes.length);
            if (announced) file.willRead?.(ranges);
            for (const { offset, length } of ranges) {
              const read = await file.read(offset, length, { signal });
              expect(Buffer.compare(read, bytes.subarray(offset, offset + length))).toBe(0);
            }
          } catch (error) {
            const isOfPort = [
              TransientReadError,
              AccessDeniedError,
              SourceMissingError,
              FileReplacedError,
            ].some((type) => error instanceof type);
            if (!isOfPort && !/serves no parts/.test(String(error))) throw error;
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
