/**
 * Secrets of a catalog's connector are not in the job store: its values name variables of this process, `env:NAME`, and are
 * looked up whenever the connector is used. Only names made for it count, so that no caller reads anything else.
 */
import { UsageError } from "../../model/index.ts";

export type SecretLookup = (name: string) => string | undefined;

type TextMap = Readonly<Record<string, string>>;

const REFERENCE = /^env:(.*)$/s;
const NAME = /^FLOECAT_CATALOG_[A-Z0-9_]+$/;

export function dereferenced(values: TextMap, secrets: SecretLookup): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const name = REFERENCE.exec(value)?.[1];
      return [key, name === undefined ? value : lookedUp(name, key, secrets)];
    }),
  );
}

function lookedUp(name: string, key: string, secrets: SecretLookup): string {
  if (!NAME.test(name)) {
    throw new UsageError(
      `${key}=env:${name}: the control plane looks up names that begin with FLOECAT_CATALOG_ alone`,
    );
  }
  const value = secrets(name);
  if (value !== undefined && value.trim() !== "") return value.trim();
  throw new UsageError(
    `${key}=env:${name}: the control plane has no such variable; start it with ${name} set`,
  );
}
