import type { SettingInfo, Settings } from "./settings/index.ts";

export interface SettingsSources {
  /** Options of the command line by name, such as `leaseMs`; only those that were given. */
  readonly flags?: Readonly<Record<string, unknown>> | undefined;
  /** Groups that the command's flags are for; all by default. Two groups may have a flag of the same name. */
  readonly flagGroups?: readonly (keyof Settings)[] | undefined;
  /** Settings by property name (`--set key=value`), behind named flags and before everything else. */
  readonly overrides?: Readonly<Record<string, string>> | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Path of the settings file; else the one that `FLOECAT_CAPTURE_CONFIG` names, else none. */
  readonly file?: string | undefined;
}

export interface LoadedSettings {
  readonly settings: Settings;
  /** For each setting, in the order of the schema. */
  readonly origins: readonly Origin[];
  /** Names that look like settings and are none. */
  readonly warnings: readonly string[];
}

/** Where a setting's value came from. */
export interface Origin {
  /** The schema's group and the name in it: `connection`, `deadlineMs`. */
  readonly group: string;
  readonly name: string;
  readonly info: SettingInfo;
  /** As it was written; undefined if unset. Of a secret too: show `shownValue(origin)`. */
  readonly text: string | undefined;
  readonly from: "flag" | "environment" | "file" | "default" | "unset";
  /** The flag, variable or key that said it. */
  readonly source: string | undefined;
}
