/**
 * Effective settings: flags, then environment, then file, then default (03 §2, 08 §1.1, §9). Sources hold texts by name;
 * what a setting's first source says is parsed by the schema. What can't be understood is told for every setting at once.
 */
import { UsageError } from "../model/index.ts";
import { everySetting, type SettingInfo, type Settings, settingsSchema } from "./settings/index.ts";
import { environmentNames, type SettingNames } from "./settings/setting.ts";
import { expand } from "./sources/expand.ts";
import { readSecretFile, readSettingsFile } from "./sources/file.ts";
import type { LoadedSettings, Origin, SettingsSources } from "./types.ts";
import { CONFIG_FILE_VARIABLE, refuseUnknownOverrides, unknownNames } from "./unknown.ts";

export function loadFrom(sources: SettingsSources): LoadedSettings {
  const { flags = {}, flagGroups, overrides = {}, env = {}, file } = sources;
  const takesFlags = (group: string) => flagGroups?.some((each) => each === group) ?? true;
  refuseUnknownOverrides(overrides);
  const path = file ?? nonEmpty(env[CONFIG_FILE_VARIABLE]);
  const properties = path === undefined ? new Map<string, string>() : readSettingsFile(path);
  const lookUp = (name: string) => env[name] ?? properties.get(name);

  const origins = everySetting().map((setting): Origin => {
    const found = firstOf(setting.info, takesFlags(setting.group));
    if (found !== undefined) return { ...setting, ...found };
    const text = setting.info.default;
    return { ...setting, text, from: text === undefined ? "unset" : "default", source: undefined };
  });
  return { settings: parsed(origins), origins, warnings: unknownNames(env, properties, path) };

  function firstOf(info: SettingInfo, withFlags: boolean): Found | undefined {
    const flag = withFlags && info.flag !== undefined ? flags[optionName(info.flag)] : undefined;
    if (flag !== undefined) return { text: String(flag), from: "flag", source: `--${info.flag}` };
    const override = overrides[info.key];
    if (override !== undefined && counts(override, info)) {
      return { text: override, from: "flag", source: `--set ${info.key}` };
    }
    for (const names of [info, ...(info.fallbacks ?? [])]) {
      const found = fromEnvironment(names, info) ?? fromFile(names, info);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function fromEnvironment(names: SettingNames, info: SettingInfo): Found | undefined {
    for (const variable of environmentNames(names)) {
      const text = env[variable];
      const secretFile = info.secret === true ? nonEmpty(env[`${variable}_FILE`]) : undefined;
      if (secretFile !== undefined) {
        if (nonEmpty(text) !== undefined) {
          throw new UsageError(`${variable} and ${variable}_FILE are both set: only one may be`);
        }
        const source = `${variable}_FILE`;
        return { text: readSecretFile(secretFile, source), from: "environment", source };
      }
      if (counts(text, info)) return { text, from: "environment", source: variable };
    }
    return undefined;
  }

  function fromFile({ key }: SettingNames, info: SettingInfo): Found | undefined {
    const raw = properties.get(key);
    const text = raw === undefined ? undefined : expand(raw, key, lookUp);
    if (info.secret === true && !counts(text, info)) {
      const secretFile = nonEmpty(properties.get(`${key}-file`));
      const source = `${key}-file in ${path}`;
      if (secretFile !== undefined) {
        return { text: readSecretFile(expand(secretFile, key, lookUp), source), from: "file", source };
      }
    }
    return counts(text, info) ? { text, from: "file", source: `${key} in ${path}` } : undefined;
  }
}

interface Found {
  readonly text: string;
  readonly from: "flag" | "environment" | "file";
  readonly source: string;
}

function parsed(origins: readonly Origin[]): Settings {
  const texts: Record<string, Record<string, string | undefined>> = {};
  for (const { group, name, text } of origins) texts[group] = { ...texts[group], [name]: text };
  const result = settingsSchema.safeParse(texts);
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path: [group, name], message }) => {
    const origin = origins.find((each) => each.group === group && each.name === name);
    return origin === undefined ? message : `${described(origin)}: ${message}`;
  });
  throw new UsageError(lines.join("\n"));
}

/** `FLOECAT_GRPC_PORT "x" (quarkus…port)`; never the value of a secret. */
function described({ info, text, source = info.key }: Origin): string {
  const shown = info.secret === true ? "" : ` ${JSON.stringify(text)}`;
  return `${source}${shown}${source.includes(info.key) ? "" : ` (${info.key})`}`;
}

function counts(text: string | undefined, info: SettingInfo): text is string {
  return text !== undefined && (info.emptyCounts === true || text.trim() !== "");
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text;
}

/** `lease-ms` → `leaseMs`, as the command line names its options. */
function optionName(flag: string): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
