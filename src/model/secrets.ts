/**
 * Secrets that a lease or a setting brings, and texts without them (08 §8.1): whatever an SDK or a server repeats in an error,
 * a text that leaves the process holds none of their values.
 */
import type { SourceConnector } from "./file-group.ts";

/** A key that contains one of these names a secret. */
const SECRET_WORDS = [
  "secret",
  "token",
  "password",
  "key",
  "pem",
  "private",
  "client_id",
  "client-id",
  "clientid",
  "session",
  "refresh",
  "authorization",
  "bearer",
  "jwt",
  "assertion",
  "external_id",
  "external-id",
  "credential",
  "signature",
];

/** What is shorter stands in too many texts by chance: `true`, `test`, a bucket's name. */
const MIN_SECRET_LENGTH = 6;
const REPLACEMENT = "****";

export function isSecretKey(key: string): boolean {
  const name = key.toLowerCase();
  return SECRET_WORDS.some((word) => name.includes(word));
}

/** The secret values among options, with the user names and passwords of the addresses in them. */
export function secretValues(options: Readonly<Record<string, string>>): string[] {
  return Object.entries(options)
    .flatMap(([key, value]) => [...(isSecretKey(key) ? [value.trim()] : []), ...userInfo(value)])
    .filter((value) => value.length >= MIN_SECRET_LENGTH);
}

/** Everything secret that came with a connector. */
export function connectorSecrets({ uri, properties, auth }: SourceConnector): string[] {
  return [properties, auth.properties, auth.headerHints, { uri }].flatMap(secretValues);
}

function userInfo(text: string): string[] {
  const found = [...text.matchAll(/[a-z][a-z0-9+.-]*:\/\/([^/?#\s]+)@/gi)];
  return found.flatMap(([, info = ""]) => [info, ...info.split(":")]);
}

/** The text with each secret, plain or percent-encoded, replaced. */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  let scrubbed = text;
  for (const secret of secrets) {
    if (secret.length < MIN_SECRET_LENGTH) continue;
    scrubbed = scrubbed.replaceAll(secret, REPLACEMENT).replaceAll(encoded(secret), REPLACEMENT);
  }
  return scrubbed;
}

/** Half a surrogate pair has no encoded form. */
function encoded(secret: string): string {
  return secret.isWellFormed() ? encodeURIComponent(secret) : secret;
}

/** Takes secrets out of the messages of an error and its causes, in place: what each error is stays. */
export function scrubError(error: unknown, secrets: readonly string[]): void {
  const seen = new Set<unknown>();
  for (let current = error; current instanceof Error && !seen.has(current); current = current.cause) {
    seen.add(current);
    const { message, stack } = current;
    const scrubbed = withoutSecrets(message, secrets);
    if (scrubbed !== message) current.message = scrubbed;
    if (stack !== undefined) current.stack = withoutSecrets(stack, secrets);
  }
}
