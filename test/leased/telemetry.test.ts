import { createServer } from "node:http";
import { join } from "node:path";
import { expect, it } from "vitest";
import { DEMO_TABLE, workFolder } from "../support/run-cli.ts";
import { enqueueAndWait, QUICK, startControlPlane, startWorker } from "./loop.ts";

/** What leaves a worker on the operator's side: traces and metrics for a collector, and no secret anywhere. */

/** A collector that keeps what it is sent, by path. */
async function startCollector() {
  const bodies: { path: string; authorization: string | undefined; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString("utf8");
    bodies.push({ path: request.url ?? "", authorization: request.headers.authorization, body });
    response.end("{}");
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    bodies,
    [Symbol.asyncDispose]: () => new Promise<void>((closed) => void server.close(() => closed())),
  };
}

it("a worker's traces reach the collector, and no secret is in them, in logs, metrics or on the page", async () => {
  await using folder = await workFolder();
  await using collector = await startCollector();
  const data = join(folder.path, "data");
  await using controlPlane = await startControlPlane({ generation: "chunked", data, flags: QUICK });
  const set = (key: string, value: string) => ["--set", `${key}=${value}`];
  await using worker = startWorker(
    controlPlane.url,
    ...["--allow-local", DEMO_TABLE, "--http", "127.0.0.1:0"],
    ...set("floecat.capture.auth.token", "s3cret-worker"),
    ...set("floecat.capture.status-page.token", "s3cret-page"),
    ...set("floecat.capture.otlp.endpoint", collector.url),
    ...set("floecat.capture.otlp.headers", "authorization=Bearer%20s3cret-collector"),
  );
  const { url } = await worker.line("status page");
  await worker.line("worker ready");
  expect(await enqueueAndWait(controlPlane.url, DEMO_TABLE, "--files-per-group", "3")).toMatchObject({
    exitCode: 0,
  });

  const authorization = "Bearer s3cret-page";
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
  const shown: string[] = [];
  for (const path of ["/", "/page.js", "/metrics", "/api/status", "/api/tables", "/healthz", "/readyz"]) {
    const answer = await fetch(`${url}${path}`, { headers: { authorization } });
    expect(answer.status).toBe(200);
    shown.push(await answer.text());
  }
  worker.kill("SIGTERM");
  const { exitCode, stdout, stderr } = await worker.ended();
  expect(exitCode).toBe(0);

  const traces = collector.bodies.filter(({ path }) => path === "/v1/traces");
  expect(traces[0]?.authorization).toBe("Bearer s3cret-collector");
  const spans: { name: string; traceId: string }[] = traces.flatMap(
    ({ body }) => JSON.parse(body).resourceSpans[0].scopeSpans[0].spans,
  );
  const names = spans.map(({ name }) => name);
  expect(names.filter((name) => name === "file-group job")).toHaveLength(1);
  expect(names.filter((name) => name === "capture file")).toHaveLength(3);
  expect(names.some((name) => name.endsWith("/GetLeasedFileGroupExecution"))).toBe(true);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(collector.bodies.some(({ path }) => path === "/v1/metrics")).toBe(true);
  expect([...shown, ...collector.bodies.map(({ body }) => body), stdout, stderr].join("\n")).not.toContain(
    "s3cret",
  );
});
