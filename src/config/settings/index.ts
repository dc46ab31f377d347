/** Every setting there is, in one schema. */
import { z } from "zod";
import { authSettings } from "./auth.ts";
import { blobSettings } from "./blobs.ts";
import { captureSettings, logSettings } from "./capture.ts";
import { connectionSettings } from "./connection.ts";
import { embeddedSettings } from "./embedded.ts";
import { embeddedAuthSettings } from "./embedded-auth.ts";
import { httpSettings } from "./http.ts";
import { type SettingInfo, settingInfo } from "./setting.ts";
import { statusPageSettings } from "./status-page.ts";
import { storageSettings } from "./storage.ts";
import { telemetrySettings } from "./telemetry.ts";
import { workerSettings } from "./worker.ts";

export type { SettingInfo, SettingNames } from "./setting.ts";

export const settingsSchema = z.object({
  connection: connectionSettings,
  auth: authSettings,
  http: httpSettings,
  worker: workerSettings,
  capture: captureSettings,
  storage: storageSettings,
  blobs: blobSettings,
  log: logSettings,
  embedded: embeddedSettings,
  statusPage: statusPageSettings,
  telemetry: telemetrySettings,
  embeddedAuth: embeddedAuthSettings,
});

export type Settings = z.output<typeof settingsSchema>;

/** Every setting with its names, in the order of the schema. */
export function everySetting(): { group: string; name: string; info: SettingInfo }[] {
  return Object.entries(settingsSchema.shape).flatMap(([group, { shape }]) =>
    Object.entries<z.ZodType>(shape).map(([name, schema]) => ({ group, name, info: infoOf(schema, name) })),
  );
}

function infoOf(schema: z.ZodType, name: string): SettingInfo {
  const info = settingInfo.get(schema);
  if (info === undefined) throw new Error(`setting ${name} is not described`);
  return info;
}
