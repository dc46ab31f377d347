import { z } from "zod";
import { type Origin, shownValue } from "../../config/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { parseOptions } from "../options.ts";
import { commandSettings } from "../setting-options.ts";
import { renderTable } from "../terminal/table.ts";

const configOptions = z.object({ json: z.boolean() });

/** `floecat-capture config`: the effective settings and where each came from, secrets masked. */
export async function runConfig(rawOptions: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const { json } = parseOptions(configOptions, rawOptions);
  const { origins, warnings } = await commandSettings(rawOptions, []);
  for (const warning of warnings) process.stderr.write(`floecat-capture: ${warning}\n`);
  process.stdout.write(json ? asJson(origins) : asTable(origins));
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
