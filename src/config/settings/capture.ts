/** The capture engine and the log, alike for `worker` and `capture`. */
import { z } from "zod";
import { settingInfo } from "./setting.ts";
import { oneOf, wholeNumber } from "./values.ts";

export const captureSettings = z.object({
  threads: wholeNumber(1).optional().register(settingInfo, {
    key: "floecat.capture.threads",
    flag: "threads",
    unit: "threads",
    unset: "one per processor",
    doc: "Capture threads.",
  }),
  crc: oneOf(["error", "warn", "off"]).register(settingInfo, {
    key: "floecat.capture.crc",
    flag: "crc",
    default: "error",
    doc: "What is done where a Parquet page's checksum is wrong: the file fails, a warning is logged, or checksums are not looked at.",
  }),
});

export const logSettings = z.object({
  level: oneOf(["debug", "info", "warn", "error", "silent"]).register(settingInfo, {
    key: "floecat.capture.log-level",
    flag: "log-level",
    default: "info",
    doc: "What is logged.",
  }),
});
