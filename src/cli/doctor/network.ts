import { lookup } from "node:dns/promises";
import type { EventEmitter } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { TlsSettings } from "../../protocol/index.ts";
import { formatDuration } from "../terminal/format.ts";
import { type Finding, failed, ok, reasonOf, warning } from "./check.ts";

/** Where the control plane is to be. */
export interface Endpoint {
  readonly url: URL;
  readonly tls: TlsSettings | undefined;
}

export function hostOf({ url }: Endpoint): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

function portOf({ url }: Endpoint): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

export async function checkName(endpoint: Endpoint): Promise<Finding> {
  const host = hostOf(endpoint);
  if (isIP(host) !== 0) return ok(`${host} is an address`);
  try {
    const found = await lookup(host, { all: true });
    return ok(`${host} is ${found.map(({ address }) => address).join(", ")}`);
  } catch (error) {
    return failed(
      `${host} has no address: ${reasonOf(error)}`,
      "check the host name (--control-plane, FLOECAT_GRPC_HOST) and this machine's DNS",
    );
  }
}

export async function checkTcp(endpoint: Endpoint, signal: AbortSignal): Promise<Finding> {
  const place = `${hostOf(endpoint)}:${portOf(endpoint)}`;
  const startedMs = performance.now();
  const socket = connectTcp({ host: hostOf(endpoint), port: portOf(endpoint) });
  try {
    await event(socket, "connect", signal);
    return ok(`${place} answers, in ${formatDuration(performance.now() - startedMs)}`);
  } catch (error) {
    const reason = reasonOf(error);
    return /ECONNREFUSED/.test(reason)
      ? failed(
          `nothing listens at ${place}`,
          "start the control plane, or say where it is with --control-plane or FLOECAT_GRPC_HOST and FLOECAT_GRPC_PORT",
        )
      : failed(`${place} doesn't answer: ${reason}`, "check address, routes, firewalls and network policies");
  } finally {
    socket.destroy();
  }
}

const SOON_MS = 14 * 86_400_000;

export async function checkTls(endpoint: Endpoint, nowMs: number, signal: AbortSignal): Promise<Finding> {
  const { tls } = endpoint;
  if (endpoint.url.protocol !== "https:") return ok("not used: the address begins with http://");
  const socket = openTls(endpoint);
  try {
    await event(socket, "secureConnect", signal);
    const { subject, valid_to: validTo } = socket.getPeerCertificate();
    const endsMs = Date.parse(validTo);
    const found = `${socket.getProtocol()}, certificate of ${nameOf(subject)} until ${validTo}`;
    return endsMs - nowMs < SOON_MS ? warning(found, "renew the server's certificate soon") : ok(found);
  } catch (error) {
    const reason = reasonOf(error);
    if (/wrong version number|packet length|EPROTO|before secure TLS|ECONNRESET/i.test(reason)) {
      return failed(
        "the server doesn't speak TLS there",
        "use an http:// address (plain-text), or the port on which the server or its proxy speaks TLS",
      );
    }
    if (/self[- ]signed|unable to (?:verify|get)|issuer certificate/i.test(reason)) {
      return failed(
        `the certificate is signed by nobody trusted here: ${reason}`,
        tls?.ca === undefined
          ? "name the authority with --tls-ca"
          : "check that --tls-ca names the authority that signed it",
      );
    }
    if (/altnames|does not match/i.test(reason)) {
      return failed(
        `the certificate is for another name: ${reason}`,
        "use the name in the certificate, or set floecat.capture.tls.server-name",
      );
    }
    return failed(
      `no TLS connection: ${reason}`,
      "check the server's certificate, --tls-ca, and --tls-cert if it asks for a client certificate",
    );
  } finally {
    socket.destroy();
  }
}

function openTls(endpoint: Endpoint): TLSSocket {
  const { tls } = endpoint;
  const servername = tls?.serverName ?? hostOf(endpoint);
  return connectTls({
    host: hostOf(endpoint),
    port: portOf(endpoint),
    ALPNProtocols: ["h2"],
    ...(tls?.ca !== undefined && { ca: tls.ca }),
    ...(tls?.certificate !== undefined && { cert: tls.certificate }),
    ...(tls?.key !== undefined && { key: tls.key }),
    // A server name may not be an address (RFC 6066).
    ...(isIP(servername) === 0 && { servername }),
  });
}

function nameOf(subject: unknown): string {
  if (typeof subject !== "object" || subject === null || !("CN" in subject)) return "an unnamed server";
  return String(subject.CN);
}

/** gRPC needs HTTP/2: the server's settings are what it says first. */
export async function checkHttp2(endpoint: Endpoint, signal: AbortSignal): Promise<Finding> {
  const isTls = endpoint.url.protocol === "https:";
  const session = connectHttp2(
    endpoint.url.origin,
    isTls ? { createConnection: () => openTls(endpoint) } : {},
  );
  try {
    await remoteSettings(session, signal);
    return ok(isTls ? "HTTP/2" : "HTTP/2 without TLS");
  } catch (error) {
    if (!isTls && (await speaksTls(endpoint, signal))) {
      return failed("the server speaks TLS there", "use an https:// address (plain-text=false)");
    }
    return failed(
      `what listens there is no HTTP/2 server: ${reasonOf(error)}`,
      "check the port: a control plane speaks gRPC on 9100 unless it is set otherwise, and proxies must pass HTTP/2 on",
    );
  } finally {
    session.destroy();
  }
}

async function remoteSettings(session: ClientHttp2Session, signal: AbortSignal): Promise<void> {
  await event(session, "remoteSettings", signal);
}

/** Some answer to a TLS greeting, if only that the certificate isn't trusted. */
async function speaksTls(endpoint: Endpoint, signal: AbortSignal): Promise<boolean> {
  const socket = connectTls({ host: hostOf(endpoint), port: portOf(endpoint), rejectUnauthorized: false });
  try {
    await event(socket, "secureConnect", signal);
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** The first of: the event, an error, the end of the connection, the end of patience. */
async function event(emitter: EventEmitter, name: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const settle = (end: () => void) => {
      signal.removeEventListener("abort", onAbort);
      end();
    };
    emitter.once(name, () => settle(resolve));
    // Stays: what a connection says while it is torn down must not end the process.
    emitter.on("error", (error: Error) => settle(() => reject(error)));
    emitter.once("close", () => settle(() => reject(new Error("the connection was closed"))));
    if (signal.aborted) onAbort();
  });
}
