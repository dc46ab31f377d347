import { UsageError } from "../model/index.ts";

/** `--set key=value`, repeated, by key. The last of two equal keys wins. */
export function settingOverrides(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf("=");
      // The text isn't repeated: it may be a secret with a slip in front of it.
      if (equals <= 0) throw new UsageError("--set: key=value is needed");
      return [text.slice(0, equals).trim(), text.slice(equals + 1)];
    }),
  );
}
