import { z } from "zod";
import { type LoadedSettings, loadSettings, readEnvironment, type Settings } from "../config/index.ts";
import { UsageError } from "../model/index.ts";
import { parseOptions } from "./options.ts";

/** Options of every command that reads settings. */
const settingOptions = z.object({
  config: z.string().min(1).optional(),
  set: z.array(z.string()).default([]),
});

/** Effective settings of a command; its flags are those of `flagGroups`. */
export async function commandSettings(
  rawOptions: Readonly<Record<string, unknown>>,
  flagGroups: readonly (keyof Settings)[],
): Promise<LoadedSettings> {
  const { config, set } = parseOptions(settingOptions, rawOptions);
  return loadSettings({
    flags: rawOptions,
    flagGroups,
    overrides: settingOverrides(set),
    env: readEnvironment().variables,
    file: config,
  });
}

/** `--set key=value`, repeated, by key. The last of two equal keys wins. */
function settingOverrides(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      // The text isn't repeated: it may be a secret with a slip in front of it.
      if (equals <= 0) throw new UsageError("--set: key=value is needed");
      return [text.slice(0, equals).trim(), text.slice(equals + 1)];
    }),
  );
}
