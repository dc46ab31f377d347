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
  const read = (file: string | undefined, what: string) =>
    file === undefined ? undefined : readTextFile(file, what);
  return {
    ca: read(connection.tlsCaFile, "certificate authorities file"),
    certificate: read(connection.tlsCertificateFile, "client certificate file"),
    key: read(connection.tlsKeyFile, "client key file"),
    serverName: connection.tlsServerName,
  };
}
