/** A certificate authority made for one test run, and certificates that it signs. */
import { generate, type SelfsignedOptions } from "selfsigned";

export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority extends Certificate {
  /** For a server that is reached by these names and addresses. */
  server(names: { readonly dns?: readonly string[]; readonly ips?: readonly string[] }): Promise<Certificate>;
  client(name: string): Promise<Certificate>;
}

type Extension = NonNullable<SelfsignedOptions["extensions"]>[number];

export async function certificateAuthority(name: string): Promise<Authority> {
  const authority = await make(name, [
    { name: "basicConstraints", cA: true, critical: true },
    { name: "keyUsage", keyCertSign: true, digitalSignature: true, critical: true },
  ]);
  const signed = (subject: string, extensions: Extension[]) =>
    make(subject, [{ name: "basicConstraints", cA: false }, ...extensions], authority);
  return {
    ...authority,
    server: ({ dns = [], ips = [] }) =>
      signed("server", [
        { name: "extKeyUsage", serverAuth: true },
        {
          name: "subjectAltName",
          altNames: [
            ...dns.map((value) => ({ type: 2 as const, value })),
            ...ips.map((ip) => ({ type: 7 as const, ip })),
          ],
        },
      ]),
    client: (subject) => signed(subject, [{ name: "extKeyUsage", clientAuth: true }]),
  };
}

async function make(name: string, extensions: Extension[], signer?: Certificate): Promise<Certificate> {
  const made = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions,
    ...(signer !== undefined && { ca: { key: signer.key, cert: signer.certificate } }),
  });
  return { certificate: made.cert, key: made.private };
}
