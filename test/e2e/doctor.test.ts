import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { expect, it } from "vitest";
import { z } from "zod";
import { startControlPlane } from "../leased/loop.ts";
import { certificateAuthority } from "../support/certificates.ts";
import { startIdentityProvider } from "../support/identity-provider.ts";
import { DEMO_TABLE, runCli, workFolder } from "../support/run-cli.ts";

const results = z.array(
  z.object({
    check: z.string(),
    status: z.enum(["ok", "warning", "failed", "skipped"]),
    found: z.string(),
    next: z.string().optional(),
  }),
);

async function doctor(...args: readonly string[]) {
  const { exitCode, stdout } = await runCli(["doctor", "--json", "--timeout", "5", ...args]);
  const checks = new Map(results.parse(JSON.parse(stdout)).map((result) => [result.check, result]));
  return { exitCode, checks, failures: [...checks.values()].filter(({ status }) => status === "failed") };
}

/** On a free port of this machine, until the block ends. */
async function listening(server: Server): Promise<{ readonly port: number } & AsyncDisposable> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

it("doctor: all is well with an embedded control plane and a file that can be read", async () => {
  await using folder = await workFolder();
  await using controlPlane = await startControlPlane({
    generation: "chunked",
    data: join(folder.path, "cp"),
  });
  const file = join(DEMO_TABLE, "orders-2026-03-01.parquet");
  const { exitCode, checks, failures } = await doctor("--control-plane", controlPlane.url, "--storage", file);
  expect(failures).toEqual([]);
  expect(exitCode).toBe(0);
  expect(checks.get("handshake")).toMatchObject({
    status: "ok",
    found: expect.stringMatching(/generation chunked/),
  });
  expect(checks.get("permission")?.status).toBe("ok");
  expect(checks.get("storage")).toMatchObject({ status: "ok" });
  expect([...checks.keys()]).toEqual([
    "settings",
    "node",
    "threads",
    "memory",
    "DNS",
    "TCP",
    "TLS",
    "HTTP/2",
    "token",
    "clock",
    "handshake",
    "permission",
    "storage",
  ]);
});

it("doctor: nothing listens", async () => {
  const { port } = await (async () => {
    await using server = await listening(createServer());
    return server;
  })();
  const { exitCode, checks, failures } = await doctor("--control-plane", `http://127.0.0.1:${port}`);
  expect(exitCode).toBe(1);
  expect(failures.map(({ check }) => check)).toEqual(["TCP"]);
  expect(checks.get("TCP")?.next).toContain("--control-plane");
  expect(checks.get("handshake")?.status).toBe("skipped");
});

it("doctor: something else listens", async () => {
  await using server = await listening(createHttpServer((_, response) => void response.end("hello")));
  const { failures } = await doctor("--control-plane", `http://127.0.0.1:${server.port}`);
  expect(failures.map(({ check }) => check)).toEqual(["HTTP/2"]);
  expect(failures[0]).toMatchObject({
    found: expect.stringMatching(/no HTTP\/2 server/),
    next: expect.stringMatching(/9100/),
  });
});

it("doctor: plain text against TLS, TLS against plain text, an authority that nobody knows", async () => {
  const authority = await certificateAuthority("doctor");
  const { certificate, key } = await authority.server({ ips: ["127.0.0.1"] });
  await using server = await listening(createTlsServer({ cert: certificate, key, ALPNProtocols: ["h2"] }));
  const plain = await doctor("--control-plane", `http://127.0.0.1:${server.port}`);
  expect(plain.failures).toMatchObject([
    { check: "HTTP/2", found: expect.stringMatching(/speaks TLS/), next: expect.stringMatching(/https:/) },
  ]);
  const unknown = await doctor("--control-plane", `https://127.0.0.1:${server.port}`);
  expect(unknown.failures).toMatchObject([{ check: "TLS", next: expect.stringMatching(/--tls-ca/) }]);
  await using http = await listening(createHttpServer());
  const tls = await doctor("--control-plane", `https://127.0.0.1:${http.port}`);
  expect(tls.failures).toMatchObject([
    { check: "TLS", found: expect.stringMatching(/doesn't speak TLS/), next: expect.stringMatching(/http:/) },
  ]);
});

it("doctor: a generation that the control plane doesn't speak", async () => {
  await using folder = await workFolder();
  await using controlPlane = await startControlPlane({ generation: "inline", data: join(folder.path, "cp") });
  const { failures } = await doctor("--control-plane", controlPlane.url, "--wire", "chunked");
  expect(failures).toMatchObject([
    { check: "handshake", found: "the control plane speaks inline, and the worker is told to speak chunked" },
  ]);
});

it("doctor: a wrong secret, a missing role, no provider; no secret is shown", async () => {
  const secret = "doctor-secret-5f1c";
  await using provider = await startIdentityProvider({
    clientId: "worker",
    clientSecret: secret,
    audience: "floecat",
    lifetimeSeconds: 300,
  });
  const oidc = (clientSecret: string) => [
    ...["--set", `floecat.reconciler.oidc.issuer=${provider.issuer}`],
    ...["--set", "floecat.reconciler.oidc.client-id=worker"],
    ...["--set", `floecat.reconciler.oidc.client-secret=${clientSecret}`],
    ...["--control-plane", "http://127.0.0.1:1"],
  ];
  const wrong = await doctor(...oidc("wrong-secret-77aa"));
  expect(wrong.checks.get("token")).toMatchObject({
    status: "failed",
    next: expect.stringMatching(/client-secret/),
  });
  const roleless = await doctor(...oidc(secret));
  expect(roleless.checks.get("token")).toMatchObject({
    status: "failed",
    next: expect.stringMatching(/reconcile-worker/),
  });
  expect(roleless.checks.get("clock")).toMatchObject({ status: "ok" });
  await provider.down();
  const down = await doctor(...oidc(secret));
  expect(down.checks.get("token")).toMatchObject({
    status: "failed",
    next: expect.stringMatching(/can be reached/),
  });
  for (const { checks } of [wrong, roleless, down]) {
    expect(JSON.stringify([...checks])).not.toMatch(/doctor-secret|wrong-secret/);
  }
});

it("doctor: storage that can't be read, as text with the next step", async () => {
  const { exitCode, stdout } = await runCli([
    "doctor",
    ...["--control-plane", "http://127.0.0.1:1", "--storage", "/nowhere/x.parquet"],
  ]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(
    /^failed {3}storage {5}file:\/\/\/nowhere\/x\.parquet can't be read: .+\n {21}→ check the path/m,
  );
});

it("doctor: a clock that is behind, and one that is ahead, of a token just issued", async () => {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const clockAgainst = async (issuedAt: number, lifetimeSeconds: number) => {
    const claims = { iss: "https://issuer", iat: issuedAt, exp: issuedAt + lifetimeSeconds };
    const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
    const token = ["--set", `floecat.capture.auth.token=e30.${payload}.c2ln`];
    const { exitCode, checks } = await doctor("--control-plane", "http://127.0.0.1:1", ...token);
    expect(exitCode).toBe(1);
    return checks.get("clock");
  };
  expect(await clockAgainst(nowSeconds + 600, 3600)).toMatchObject({
    status: "failed",
    found: expect.stringMatching(/clock is .+ behind the identity provider's/),
    next: expect.stringMatching(/NTP/),
  });
  expect(await clockAgainst(nowSeconds - 600, 300)).toMatchObject({
    status: "failed",
    found: expect.stringMatching(/clock is .+ ahead of a token just issued/),
    next: expect.stringMatching(/NTP/),
  });
  expect(await clockAgainst(nowSeconds, 3600)).toMatchObject({ status: "ok" });
});
