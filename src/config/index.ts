/** The door of the settings. The schema and its library are loaded when settings are, so that `--help` is quick. */
import type { LoadedSettings, SettingsSources } from "./types.ts";

export { BYTE_SIZE_HINT, parseByteSize } from "./byte-size.ts";
export { controlPlaneUrl } from "./endpoint.ts";
export { type Environment, readEnvironment } from "./environment.ts";
export { type HttpTexts, readHttpFiles, readTlsFiles, type TlsTexts } from "./pem.ts";
export type { SettingInfo, Settings } from "./settings/index.ts";
export { shownValue } from "./shown.ts";
export type { LoadedSettings, Origin, SettingsSources } from "./types.ts";
export { VERSION } from "./version.ts";

/** Rejects with `UsageError` if a setting can't be understood or a file can't be read. */
export async function loadSettings(sources: SettingsSources): Promise<LoadedSettings> {
  const { loadFrom } = await import("./load.ts");
  return loadFrom(sources);
}

/** docs/configuration.md, made from the schema. */
export async function configurationReference(): Promise<string> {
  const { renderReference } = await import("./reference.ts");
  return renderReference();
}
