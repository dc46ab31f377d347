import { request as httpRequest } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { isOwnHost, tokenOf } from "./guards.ts";
import { type HttpOptions, json, type Route, type RunningHttp, startHttp, text } from "./server.ts";

const open: RunningHttp[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const ROUTES = new Map<string, Route>([
  ["/", { handle: () => text(200, "page") }],
  ["/healthz", { open: true, handle: () => text(200, "ok") }],
  ["/api/", { handle: ({ path, query }) => json({ path, q: query.get("q") }) }],
  [
    "/broken",
    {
      handle: () => {
        throw new Error("secret detail");
      },
    },
  ],
]);

async function start(given: Partial<HttpOptions> = {}): Promise<string> {
  const server = await startHttp({
    host: "127.0.0.1",
    port: 0,
    token: undefined,
    allowedHosts: [],
    routes: ROUTES,
    onDefect: () => {},
    ...given,
  });
  open.push(server);
  return server.url;
}

/** `fetch` doesn't let a Host header be chosen. */
function statusOf(
  url: string,
  options: { readonly method?: string; readonly headers?: Record<string, string> },
) {
  return new Promise<number>((resolve, reject) => {
    const sent = httpRequest(url, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once("error", reject);
    sent.end();
  });
}

describe("the HTTP server", () => {
  it("answers routes by path and by prefix, and 404 elsewhere", async () => {
    const url = await start();
    expect(await (await fetch(`${url}/`)).text()).toBe("page\n");
    expect(await (await fetch(`${url}/api/a/b?q=1`)).json()).toEqual({ path: "/api/a/b", q: "1" });
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
  });

  it("forbids the browser to load, send or embed anything elsewhere, on every answer", async () => {
    const url = await start();
    for (const path of ["/", "/nowhere"]) {
      const { headers } = await fetch(`${url}${path}`);
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("takes no method that could change anything, and no body", async () => {
    const url = await start();
    expect((await fetch(`${url}/`, { method: "POST", body: "x" })).status).toBe(405);
    expect(await (await fetch(`${url}/`, { method: "HEAD" })).text()).toBe("");
  });

  it("refuses a name that isn't its own: a page can't rebind its name to reach us", async () => {
    const url = await start({ allowedHosts: ["capture.example"] });
    expect(await statusOf(url, { headers: { host: "evil.example" } })).toBe(421);
    expect(await statusOf(url, { headers: { host: "capture.example:9464" } })).toBe(200);
    expect(await statusOf(url, { headers: { host: "localhost:1" } })).toBe(200);
    expect(isOwnHost("[::1]:80", [])).toBe(true);
    expect(isOwnHost("127.0.0.1.evil.example", [])).toBe(false);
    expect(isOwnHost(undefined, [])).toBe(false);
  });

  it("listens on an address that others can reach only with a token", async () => {
    await expect(start({ host: "0.0.0.0" })).rejects.toThrow("floecat.capture.status-page.token");
  });

  it("asks for the token everywhere but for health, as Bearer or as a browser's password", async () => {
    const url = await start({ token: "t0ken" });
    const status = async (path: string, authorization?: string) =>
      (await fetch(`${url}${path}`, { headers: authorization === undefined ? {} : { authorization } }))
        .status;
    expect(await status("/healthz")).toBe(200);
    expect(await status("/")).toBe(401);
    expect(await status("/nowhere")).toBe(401);
    expect(await status("/", "Bearer wrong")).toBe(401);
    expect(await status("/", "Bearer t0ken")).toBe(200);
    expect(await status("/", `Basic ${btoa("anybody:t0ken")}`)).toBe(200);
    expect(tokenOf("Basic !!!")).toBeUndefined();
  });

  it("bounds addresses and headers", async () => {
    const url = await start();
    expect((await fetch(`${url}/?q=${"x".repeat(25_000)}`)).status).toBe(414);
    expect((await fetch(url, { headers: { a: "x".repeat(40_000) } })).status).toBe(431);
  });

  it("tells the client nothing of a defect", async () => {
    const defects: unknown[] = [];
    const url = await start({ onDefect: (error) => defects.push(error) });
    const answer = await fetch(`${url}/broken`);
    expect([answer.status, await answer.text()]).toEqual([500, "internal error\n"]);
    expect(defects).toHaveLength(1);
  });

  it("closes at once, also under a request that hangs", async () => {
    let entered = () => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const server = await startHttp({
      host: "127.0.0.1",
      port: 0,
      token: undefined,
      allowedHosts: [],
      onDefect: () => {},
      routes: new Map([
        [
          "/",
          {
            handle: ({ signal }) => {
              entered();
              return new Promise((_, reject) =>
                signal.addEventListener("abort", () => reject(signal.reason)),
              );
            },
          },
        ],
      ]),
    });
    const hanging = fetch(server.url).catch(() => "cut");
    await inside;
    await server.close();
    expect(await hanging).toBe("cut");
  });

  it("says which address is in use", async () => {
    const url = await start();
    await expect(start({ port: Number(new URL(url).port) })).rejects.toThrow("is in use");
  });
});
