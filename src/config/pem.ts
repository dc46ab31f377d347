import type { Settings } from "./settings/index.ts";
import { readTextFile } from "./sources/file.ts";

/** What the TLS settings name, as PEM texts. */
export interface TlsTexts {
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly serverName: string | undefined;
}

export function readTlsFiles(connection: Settings["connection"]): TlsTexts {
  return {
    ca: read(connection.tlsCaFile, "certificate authorities file"),
    certificate: read(connection.tlsCertificateFile, "client certificate file"),
    key: read(connection.tlsKeyFile, "client key file"),
    serverName: connection.tlsServerName,
  };
}

/** How identity providers and catalogs are reached: whom we trust, as a PEM text, and through which proxies. */
export interface HttpTexts {
  readonly ca: string | undefined;
  readonly proxy: {
    readonly http: string | undefined;
    readonly https: string | undefined;
    readonly none: string | undefined;
  };
}

export function readHttpFiles({ http, connection }: Pick<Settings, "http" | "connection">): HttpTexts {
  return {
    ca: read(http.caFile ?? connection.tlsCaFile, "certificate authorities file"),
    proxy: { http: http.proxy, https: http.tlsProxy, none: http.noProxy },
  };
}

function read(file: string | undefined, what: string): string | undefined {
  return file === undefined ? undefined : readTextFile(file, what);
}
