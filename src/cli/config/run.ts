import { z } from "zod";
import { loadSettings, type Origin, readEnvironment, shownValue } from "../../config/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { parseOptions } from "../options.ts";
import { settingOverrides } from "../setting-options.ts";
import { renderTable } from "../terminal/table.ts";

const configOptions = z.object({
  config: z.string().min(1).optional(),
  set: z.array(z.string()),
  json: z.boolean(),
});

/** `floecat-capture config`: the effective settings and where each came from, secrets masked. */
export async function runConfig(rawOptions: unknown): Promise<ExitCode> {
  const options = parseOptions(configOptions, rawOptions);
  const { origins, warnings } = await loadSettings({
    overrides: settingOverrides(options.set),
    env: readEnvironment().variables,
    file: options.config,
  });
  for (const warning of warnings) process.stderr.write(`floecat-capture: ${warning}\n`);
  process.stdout.write(options.json ? asJson(origins) : asTable(origins));
  return EXIT.done;
}

function asJson(origins: readonly Origin[]): string {
  const settings = distinct(origins).map((origin) => ({
    key: origin.info.key,
    value: shownValue(origin) ?? null,
    from: origin.from,
    source: origin.source ?? null,
    secret: origin.info.secret === true,
  }));
  return `${JSON.stringify({ settings }, null, 2)}\n`;
}

function asTable(origins: readonly Origin[]): string {
  const rows = distinct(origins).map((origin) => [
    origin.info.key,
    shownValue(origin) ?? `(${origin.info.unset ?? "unset"})`,
    origin.source ?? origin.from,
  ]);
  const columns = ["setting", "value", "from"].map((title) => ({ title, align: "left" as const }));
  return `${renderTable(columns, rows)}\n`;
}

/** A setting that two groups share is one setting. */
function distinct(origins: readonly Origin[]): Origin[] {
  return [...new Map(origins.map((origin) => [origin.info.key, origin])).values()];
}
