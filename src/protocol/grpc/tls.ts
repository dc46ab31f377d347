/**
 * TLS of a connection (03 §2 `plain-text`, 08 §8.3): system roots or own authorities, and client certificates, which the reference lacks. Plain text is spoken only
 * where the address says `http:`; nothing falls back to it, and no setting turns verification off.
 */
import type { SecureClientSessionOptions } from "node:http2";
import { createSecureContext } from "node:tls";
import { trustedRoots } from "../../http/index.ts";
import { UsageError } from "../../model/index.ts";
import type { TlsSettings } from "../settings.ts";

export function tlsOptions(url: URL, settings: TlsSettings = {}): SecureClientSessionOptions {
  if (url.protocol === "http:") {
    const given = Object.values(settings).some((value) => value !== undefined);
    if (!given) return {};
    throw new UsageError(
      `TLS settings are given, but the control plane's address ${url.origin} is plain http`,
    );
  }
  const { ca, certificate, key, serverName } = settings;
  if ((certificate === undefined) !== (key === undefined)) {
    throw new UsageError("a client certificate and its private key belong together: only one of them is set");
  }
  const options: SecureClientSessionOptions = {
    ca: ca === undefined ? [...trustedRoots()] : ca,
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { servername: serverName }),
    minVersion: "TLSv1.2",
  };
  try {
    createSecureContext(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`TLS settings can't be used: ${reason}`, { cause: error });
  }
  return options;
}
