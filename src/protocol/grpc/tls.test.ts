/** TLS against a server whose certificates an authority of the test signs. */
import { rootCertificates } from "node:tls";
import { beforeAll, expect, test } from "vitest";
import {
  type Authority,
  type Certificate,
  certificateAuthority,
} from "../../../test/support/certificates.ts";
import { UsageError } from "../../model/index.ts";
import { RenewReconcileLeaseResponseSchema } from "../chunked/gen/floecat/reconciler/reconciler_pb.ts";
import type { TlsSettings } from "../settings.ts";
import { answer, connect, EXECUTOR_CONTROL, lease, options, serve } from "../testing/connected.ts";
import type { RawServer } from "../testing/raw-grpc-server.ts";
import { tlsOptions } from "./tls.ts";

const handlers = {
  [`${EXECUTOR_CONTROL}/RenewReconcileLease`]: answer(RenewReconcileLeaseResponseSchema, { renewed: true }),
};

let authority: Authority;
let stranger: Authority;
let server: Certificate;

beforeAll(async () => {
  authority = await certificateAuthority("test authority");
  stranger = await certificateAuthority("another authority");
  server = await authority.server({ ips: ["127.0.0.1"] });
});

const secure = (own: Certificate, more = {}) =>
  serve(handlers, { cert: own.certificate, key: own.key, ...more });

async function renew(to: RawServer, tls: TlsSettings | undefined) {
  const { controlPlane } = await connect(to, { generation: "chunked", tls });
  return controlPlane.renew(lease, { ...options, timeoutMs: 3000 });
}

const renewed = { held: true, cancellationRequested: false };

test("a server whose authority is given", async () => {
  expect(await renew(await secure(server), { ca: authority.certificate })).toEqual(renewed);
});

test.each([
  ["isn't the one given", () => ({ ca: stranger.certificate })],
  ["is no root of the machine", () => undefined],
])("a server whose authority %s gets no call", async (_, tls) => {
  const to = await secure(server);
  await expect(renew(to, tls())).rejects.toThrow(/certificate/);
  expect(to.requests).toEqual([]);
});

test("a server of another name gets no call, unless that name is expected", async () => {
  const to = await secure(await authority.server({ dns: ["control.example"] }));
  await expect(renew(to, { ca: authority.certificate })).rejects.toThrow(/altnames/);
  expect(to.requests).toEqual([]);
  expect(await renew(to, { ca: authority.certificate, serverName: "control.example" })).toEqual(renewed);
});

test("a server that asks for a client certificate", async () => {
  const to = await secure(server, { requestCert: true, rejectUnauthorized: true, ca: authority.certificate });
  const own = await authority.client("worker");
  await expect(renew(to, { ca: authority.certificate })).rejects.toMatchObject({ kind: "transport" });
  expect(await renew(to, { ca: authority.certificate, ...own })).toEqual(renewed);
});

test("plain text is spoken to http addresses only, and never as a way out", async () => {
  const to = await secure(server);
  const plain = { ...to, url: to.url.replace("https:", "http:") };
  await expect(renew(plain, undefined)).rejects.toMatchObject({ kind: "transport" });
  const plainServer = await serve(handlers);
  const tls = { ...plainServer, url: plainServer.url.replace("http:", "https:") };
  await expect(renew(tls, { ca: authority.certificate })).rejects.toMatchObject({ kind: "transport" });
  expect(plainServer.requests).toEqual([]);
});

test("without own authorities, Node's roots are trusted", () => {
  const { ca } = tlsOptions(new URL("https://host:1"));
  expect(ca).toEqual(expect.arrayContaining([...rootCertificates.slice(0, 3)]));
});

test("settings that can't be meant are wrong use", () => {
  const url = new URL("https://host:1");
  expect(() => tlsOptions(new URL("http://host:1"), { ca: authority.certificate })).toThrow(/is plain http/);
  expect(() => tlsOptions(url, { certificate: server.certificate })).toThrow(/belong together/);
  const mixed = { certificate: server.certificate, key: stranger.key };
  expect(() => tlsOptions(url, mixed)).toThrow(UsageError);
  expect(() => tlsOptions(url, { ...server, key: "-----BEGIN PRIVATE KEY-----\nhush" })).toThrow(
    /can't be used/,
  );
});
