import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccessDeniedError, FileReplacedError, SourceMissingError, systemClock } from "../../model/index.ts";
import { openStore } from "../open-store.ts";
import type { StoreSettings } from "../settings.ts";
import { parseWebPath } from "./location.ts";

const signal = new AbortController().signal;
const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 253);

let server: Server;
let base: string;
let asked: { url: string; range: string; ifMatch: string | undefined }[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  asked = [];
  answer = (request, response) => sendRange(request, response, { etag: '"1"' });
  server = createServer((request, response) => {
    const { range = "", "if-match": ifMatch } = request.headers;
    asked.push({ url: request.url ?? "", range, ifMatch });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function sendRange(request: IncomingMessage, response: ServerResponse, headers: Record<string, string> = {}) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
  const from = match?.[1] === "" ? Math.max(0, bytes.length - Number(match[2])) : Number(match?.[1]);
  const last = match?.[1] === "" ? bytes.length - 1 : Number(match?.[2]);
  response.writeHead(206, { "content-range": `bytes ${from}-${last}/${bytes.length}`, ...headers });
  response.end(bytes.subarray(from, last + 1));
}

function store(settings: Partial<StoreSettings> = {}) {
  const clock = {
    ...systemClock,
    sleep: async (ms: number, sleepSignal: AbortSignal) => {
      if (ms >= 30_000) await systemClock.sleep(ms, sleepSignal);
    },
  };
  return openStore({ local: { kind: "none" }, web: true, limits: { attempts: 3 }, ...settings }, { clock });
}

describe("files of web servers", () => {
  it("are opened by one request for their end, and read by range with the identity that it told", async () => {
    await using file = await store().open(`${base}/data/a%20b//c.parquet`, { signal });
    expect([file.size, file.etag]).toEqual([bytes.length, '"1"']);
    expect(await file.read(100, 1000, { signal })).toEqual(bytes.slice(100, 1100));
    expect(asked).toEqual([
      { url: "/data/a%20b//c.parquet", range: "bytes=-65536", ifMatch: undefined },
      { url: "/data/a%20b//c.parquet", range: "bytes=100-1099", ifMatch: '"1"' },
    ]);
  });

  it("that are replaced meanwhile are an error, with a weak etag and with a time alone too", async () => {
    for (const name of ["etag", "last-modified"]) {
      const [first, second] =
        name === "etag"
          ? ['W/"1"', 'W/"2"']
          : ["Mon, 01 Jan 2024 00:00:00 GMT", "Tue, 02 Jan 2024 00:00:00 GMT"];
      answer = (request, response) => sendRange(request, response, { [name]: first ?? "" });
      await using file = await store().open(`${base}/f`, { signal });
      answer = (request, response) => sendRange(request, response, { [name]: second ?? "" });
      await expect(file.read(0, 10, { signal })).rejects.toThrow(FileReplacedError);
      expect(asked.at(-1)?.ifMatch).toBeUndefined();
    }
    answer = (_, response) => response.writeHead(412).end();
    await expect(store().open(`${base}/f`, { signal })).rejects.toThrow(FileReplacedError);
  });

  it("a server without ranges is refused with what to do, and no byte is guessed", async () => {
    answer = (_, response) => response.writeHead(200, { "content-length": bytes.length }).end(bytes);
    await expect(store().open(`${base}/f`, { signal })).rejects.toThrow(
      /serves no parts of .*download the file/,
    );
    expect(asked).toHaveLength(2);
    answer = (request, response) => sendRange(request, response, { "content-encoding": "gzip" });
    await expect(store().open(`${base}/f`, { signal })).rejects.toThrow(/packed/);
  });

  it("missing and refused ones are told apart; folders can't be listed", async () => {
    answer = (_, response) => response.writeHead(404).end();
    await expect(store().open(`${base}/f`, { signal })).rejects.toThrow(SourceMissingError);
    answer = (_, response) => response.writeHead(403).end();
    await expect(store().open(`${base}/f`, { signal })).rejects.toThrow(AccessDeniedError);
    const list = store().list(`${base}/f/`, { recursive: true, signal });
    await expect(list[Symbol.asyncIterator]().next()).rejects.toThrow(/can't be listed: name each file/);
  });

  it("an empty one is read", async () => {
    answer = (_, response) => response.writeHead(416, { "content-range": "bytes */0" }).end();
    await using file = await store().open(`${base}/f`, { signal });
    expect(file.size).toBe(0);
  });
});

describe("redirects", () => {
  it("are followed, kept for the file, and asked for anew when the target has ended", async () => {
    let signature = 1;
    answer = (request, response) => {
      if (request.url === "/f") response.writeHead(302, { location: `/signed?sig=${signature}` }).end();
      else if (request.url === `/signed?sig=${signature}`) sendRange(request, response, { etag: '"1"' });
      else response.writeHead(403).end();
    };
    await using file = await store().open(`${base}/f`, { signal });
    await file.read(0, 10, { signal });
    signature = 2;
    expect(await file.read(0, 10, { signal })).toEqual(bytes.slice(0, 10));
    expect(asked.map(({ url }) => url)).toEqual([
      "/f",
      "/signed?sig=1",
      "/signed?sig=1",
      "/signed?sig=1",
      "/f",
      "/signed?sig=2",
    ]);
  });

  it("without end, to another protocol and to hosts that may not be reached are refused, and no message has the target", async () => {
    for (const [location, text] of [
      ["/f", /more than 5 times/],
      ["file:///etc/passwd?secret", /where we don't follow/],
      ["http://169.254.169.254/latest?secret", /link-local/],
      ["http://elsewhere.example/f?secret", /not among those that may be reached/],
    ] as const) {
      answer = (_, response) => response.writeHead(302, { location }).end();
      const failure = await store({ reach: { hosts: ["127.0.0.1"] } })
        .open(`${base}/f`, { signal })
        .catch(String);
      expect(failure).toMatch(text);
      expect(failure).not.toContain("secret");
    }
  });
});

describe("addresses", () => {
  it("go out as they are written; what a request line can't hold is escaped", () => {
    const target = (path: string) => parseWebPath(path).target;
    expect(target("https://h/a%20b/../c//d+e")).toBe("/a%20b/../c//d+e");
    expect(target("https://h/a b/ü#1/100%")).toBe("/a%20b/%C3%BC%231/100%25");
    expect(parseWebPath("https://[::1]:8443/x")).toEqual({
      origin: { protocol: "https:", hostname: "::1", port: 8443 },
      host: "[::1]:8443",
      target: "/x",
    });
  });

  it("with a password or a signature are refused without repeating it", () => {
    for (const path of ["https://user:hunter2@h/f", "https://h/f?sig=hunter2"]) {
      expect(() => parseWebPath(path)).toThrow(/can't be read/);
      expect(() => parseWebPath(path)).not.toThrow(/hunter2/);
    }
  });

  it("08 §5.2: stores of workers don't read them", async () => {
    await expect(store({ web: undefined }).open("https://h/f", { signal })).rejects.toThrow(
      "Unsupported file system path: https://h/f",
    );
  });
});
