import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "./sha256.ts";

/** Who may ask, as the double knows them. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** The keys end then. */
  readonly expiresAtMs?: number;
  /** Known, but refused everything. */
  readonly denied?: boolean;
}

export interface SignedRequest {
  readonly method: string;
  /** As it stood on the request line, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Denial {
  readonly status: number;
  readonly code: string;
  readonly region?: string;
}

const MAX_SKEW_MS = 15 * 60_000;

/**
 * Checks a Signature Version 4 with the SDK's signer, which knows nothing of ours. Undefined: the request is its identity's,
 * and good.
 */
export async function checkSignature(
  request: SignedRequest,
  { identities, region, nowMs }: { identities: readonly Identity[]; region: string; nowMs: number },
): Promise<Denial | undefined> {
  const authorization = request.headers.authorization ?? "";
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (match === null) return { status: 403, code: "AccessDenied" };
  const [, accessKeyId, , asked = "", names = ""] = match;
  const identity = identities.find((known) => known.accessKeyId === accessKeyId);
  if (identity === undefined) return { status: 403, code: "InvalidAccessKeyId" };
  if (asked !== region) return { status: 400, code: "AuthorizationHeaderMalformed", region };
  if (request.headers["x-amz-security-token"] !== identity.sessionToken)
    return { status: 400, code: "InvalidToken" };
  const time = (request.headers["x-amz-date"] ?? "").replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    "$1-$2-$3T$4:$5:$6Z",
  );
  const signedAt = new Date(time);
  if (!(Math.abs(signedAt.getTime() - nowMs) <= MAX_SKEW_MS))
    return { status: 403, code: "RequestTimeTooSkewed" };
  if (!names.split(";").includes("host")) return { status: 403, code: "AccessDenied" };
  if ((await signatureOf(request, names.split(";"), identity, region, signedAt)) !== match[5]) {
    return { status: 403, code: "SignatureDoesNotMatch" };
  }
  if (identity.expiresAtMs !== undefined && nowMs >= identity.expiresAtMs)
    return { status: 400, code: "ExpiredToken" };
  if (identity.denied) return { status: 403, code: "AccessDenied" };
  return undefined;
}

async function signatureOf(
  request: SignedRequest,
  names: readonly string[],
  identity: Identity,
  region: string,
  signedAt: Date,
): Promise<string | undefined> {
  const signer = new SignatureV4({
    service: "s3",
    region,
    credentials: { accessKeyId: identity.accessKeyId, secretAccessKey: identity.secretAccessKey },
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => names.includes(name) && name !== "authorization"),
  );
  const result = await signer.sign(
    {
      method: request.method,
      protocol: "http:",
      hostname: "unused",
      path: request.path,
      query: Object.fromEntries(request.query),
      headers,
      body: request.body.length === 0 ? undefined : request.body,
    },
    { signingDate: signedAt, signableHeaders: new Set(names) },
  );
  return /Signature=([0-9a-f]{64})$/.exec(result.headers.authorization ?? "")?.[1];
}
