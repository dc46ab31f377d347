/** The capture engine and the log, alike for `worker` and `capture`. */
import { z } from "zod";
import { settingInfo } from "./setting.ts";
import { byteSize, oneOf, wholeNumber } from "./values.ts";

export const captureSettings = z.object({
  threads: wholeNumber(1).optional().register(settingInfo, {
    key: "floecat.capture.threads",
    flag: "threads",
    unit: "threads",
    unset: "one per processor, as far as the memory goes",
    doc: "Capture threads.",
  }),
  maxMemoryBytes: byteSize().optional().register(settingInfo, {
    key: "floecat.capture.max-memory-bytes",
    flag: "max-memory",
    unit: "bytes, or with k, m or g behind the number",
    unset:
      "268435456 (256 MiB) up to two threads and 134217728 more for each further one; at most three quarters of what the machine or the container has",
    doc: "Memory that the process may use, whatever the size of files and row groups. A page that can't be decoded within it fails its file, with an error that names this setting.",
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
