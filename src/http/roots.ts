import { getCACertificates } from "node:tls";

let roots: readonly string[] | undefined;

/** Node's roots, what `NODE_EXTRA_CA_CERTS` adds, and the machine's own, as PEM texts. */
export function trustedRoots(): readonly string[] {
  roots ??= [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];
  return roots;
}
