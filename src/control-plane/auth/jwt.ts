import { constants, createPublicKey, type JsonWebKey, type KeyObject, verify } from "node:crypto";
import { z } from "zod";

/** Signed tokens (RFC 7519, RFC 7515): only asymmetric algorithms, so that nobody can sign with the public key. */
export interface Claims {
  readonly [name: string]: unknown;
}

export interface TokenHeader {
  readonly alg: string;
  readonly kid?: string | undefined;
}

export interface ParsedToken {
  readonly header: TokenHeader;
  readonly claims: Claims;
  /** What was signed, and how. */
  readonly signingInput: Buffer;
  readonly signature: Buffer;
}

const headerSchema = z.object({ alg: z.string(), kid: z.string().optional() });
const claimsSchema = z.record(z.string(), z.unknown());

/** Undefined for anything that is no signed token. */
export function parseToken(token: string): ParsedToken | undefined {
  const parts = token.split(".");
  const [header = "", payload = "", signature = ""] = parts;
  if (parts.length !== 3) return undefined;
  const parsedHeader = headerSchema.safeParse(jsonPart(header));
  const parsedClaims = claimsSchema.safeParse(jsonPart(payload));
  if (!parsedHeader.success || !parsedClaims.success) return undefined;
  return {
    header: parsedHeader.data,
    claims: parsedClaims.data,
    signingInput: Buffer.from(`${header}.${payload}`),
    signature: Buffer.from(signature, "base64url"),
  };
}

function jsonPart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

interface Algorithm {
  readonly hash: string | undefined;
  readonly keyType: string;
  readonly options: object;
}

const pss = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
};
const ieee = { dsaEncoding: "ieee-p1363" };
const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  RS256: { hash: "sha256", keyType: "rsa", options: {} },
  RS384: { hash: "sha384", keyType: "rsa", options: {} },
  RS512: { hash: "sha512", keyType: "rsa", options: {} },
  PS256: { hash: "sha256", keyType: "rsa", options: pss },
  PS384: { hash: "sha384", keyType: "rsa", options: pss },
  PS512: { hash: "sha512", keyType: "rsa", options: pss },
  ES256: { hash: "sha256", keyType: "ec", options: ieee },
  ES384: { hash: "sha384", keyType: "ec", options: ieee },
  ES512: { hash: "sha512", keyType: "ec", options: ieee },
  EdDSA: { hash: undefined, keyType: "ed25519", options: {} },
};

/** Whether the key signed the token. */
export function isSignedBy(token: ParsedToken, key: KeyObject): boolean {
  const algorithm = ALGORITHMS[token.header.alg];
  if (algorithm === undefined || key.asymmetricKeyType !== algorithm.keyType) return false;
  return verify(algorithm.hash, token.signingInput, { key, ...algorithm.options }, token.signature);
}

/** Undefined for a key of a kind that signs no tokens here. */
export function importKey(jwk: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    return undefined;
  }
}
