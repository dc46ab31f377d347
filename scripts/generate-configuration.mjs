// Writes docs/configuration.md from the settings schema; with --check, fails if it isn't current.
import { readFileSync, writeFileSync } from "node:fs";
import { configurationReference } from "../src/config/index.ts";

const target = new URL("../docs/configuration.md", import.meta.url);
const reference = await configurationReference();
if (!process.argv.includes("--check")) {
  writeFileSync(target, reference);
} else if (readFileSync(target, "utf8") !== reference) {
  console.error("docs/configuration.md isn't current: npm run generate:configuration");
  process.exit(1);
}
