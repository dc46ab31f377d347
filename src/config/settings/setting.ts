/**
 * What is known of each setting beside its type: names, default, unit, text for people. Registered on the zod schema, so
 * that the command line, `floecat-capture config` and docs/configuration.md can't say different things.
 */
import { z } from "zod";

export interface SettingInfo {
  /** Property name, Floecat's own where it has one (03 §2, 08 §1.1). */
  readonly key: string;
  /** What it does, in a sentence or two. */
  readonly doc: string;
  /** Flag without its dashes, on the commands that have it. */
  readonly flag?: string;
  /** Environment variables beside the standard mapping of the key (upper case, others than letters and digits as `_`). */
  readonly env?: readonly string[];
  /** Read in this order where the setting's own names are set nowhere. */
  readonly fallbacks?: readonly SettingNames[];
  /** As it would be written in a file; absent: unset by default. */
  readonly default?: string;
  /** What being unset means, where that needs saying. */
  readonly unset?: string;
  readonly unit?: string;
  /** Shown nowhere; may come from a file named by `<key>-file` or `<ENV>_FILE`. */
  readonly secret?: true;
  /** An empty value is a value of its own; for other settings it is as good as none. */
  readonly emptyCounts?: true;
}

export interface SettingNames {
  readonly key: string;
  readonly env?: readonly string[];
}

export const settingInfo = z.registry<SettingInfo>();

/** `floecat.reconciler.oidc.client-id` → `FLOECAT_RECONCILER_OIDC_CLIENT_ID`. */
export function environmentName(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9]/g, "_").toUpperCase();
}

/** Every environment variable that sets it, the first that is set wins. */
export function environmentNames(names: SettingNames): readonly string[] {
  return [...new Set([environmentName(names.key), ...(names.env ?? [])])];
}
