/** How settings become a connection to a control plane: address, credentials, TLS (03 §2, 08 §1). */
import { controlPlaneUrl, readHttpFiles, readTlsFiles, type Settings } from "../config/index.ts";
import { openHttp } from "../http/index.ts";
import {
  type ControlPlaneSettings,
  noToken,
  oidcTokens,
  staticToken,
  type TokenSource,
} from "../protocol/index.ts";

export interface ChosenConnection {
  readonly controlPlane: ControlPlaneSettings;
  /** What the operator may not have meant. */
  readonly warnings: readonly string[];
}

export function chooseConnection(settings: Settings): ChosenConnection {
  const { connection, auth } = settings;
  const { tokens, warnings } = chooseTokens(settings);
  return {
    controlPlane: {
      url: controlPlaneUrl(connection),
      generation: connection.wire === "auto" ? undefined : connection.wire,
      tokens,
      tokenHeader: auth.sessionHeader ?? auth.authorizationHeader,
      authRequired: auth.required,
      maxRequestBytes: connection.maxRequestBytes,
      // 0 is the library's default to the reference (03 §2), ours to us.
      maxReceiveBytes: connection.maxInboundMessageBytes || undefined,
      keepAliveMs: connection.keepAliveMs,
      keepAliveTimeoutMs: connection.keepAliveTimeoutMs,
      keepAliveWithoutCalls: connection.keepAliveWithoutCalls,
      tls: readTlsFiles(connection),
    },
    warnings,
  };
}

/** A static token, else client credentials, else none, with a warning if one is called for (decision 20). */
function chooseTokens(settings: Settings): { tokens: TokenSource; warnings: string[] } {
  const { auth } = settings;
  if (auth.token !== undefined) return { tokens: staticToken(auth.token), warnings: [] };
  const { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecret: clientSecret } = auth;
  if (issuer !== undefined && clientId !== undefined && clientSecret !== undefined) {
    const parameters = withoutUndefined({
      scope: auth.oidcScope,
      audience: auth.oidcAudience,
      resource: auth.oidcResource,
    });
    const refreshSkewMs = auth.oidcRefreshSkewSeconds * 1000;
    const timeoutMs = Math.max(1, auth.oidcTimeoutMs);
    const http = openHttp(readHttpFiles(settings));
    return {
      tokens: oidcTokens({ http, issuer, clientId, clientSecret, parameters, refreshSkewMs, timeoutMs }),
      warnings: [],
    };
  }
  const headerless = auth.sessionHeader === undefined && auth.authorizationHeader === "";
  if (!auth.required || headerless) return { tokens: noToken, warnings: [] };
  const missing = Object.entries({ issuer, "client-id": clientId, "client-secret": clientSecret })
    .filter(([, value]) => value === undefined)
    .map(([name]) => `floecat.reconciler.oidc.${name}`);
  const warning = `calls carry no token: ${missing.join(", ")} not set (set floecat.reconciler.worker.auth.required=false if none is needed)`;
  return { tokens: noToken, warnings: [warning] };
}

function withoutUndefined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
