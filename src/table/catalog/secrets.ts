/**
 * Texts that a server sends may repeat what it was sent: before one becomes part of an error, the secrets of its request are
 * taken out of it (08 §8.1), and what is left is cut to a length that a log can bear.
 */
const SHORTEST_SECRET = 4;
const MAX_TEXT = 1000;
/** Names the key, and is good for some minutes. */
const SIGNATURE = /AWS4-HMAC-SHA256 Credential=[^\s,]+(?:, ?(?:SignedHeaders|Signature)=[\w;-]+)*/g;

export function serverText(text: string, secrets: readonly (string | undefined)[]): string {
  let clean = text.trim().replaceAll(SIGNATURE, "AWS4-HMAC-SHA256 …");
  for (const secret of secrets) {
    if (secret !== undefined && secret.length >= SHORTEST_SECRET) clean = clean.replaceAll(secret, "…");
  }
  return clean.length <= MAX_TEXT ? clean : `${clean.slice(0, MAX_TEXT - 1)}…`;
}
