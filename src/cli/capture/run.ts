import { captureResources, createCapturePool } from "../../capture/index.ts";
import { readEnvironment } from "../../config/index.ts";
import { systemClock } from "../../model/index.ts";
import type { StoreSettings } from "../../storage/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { parseOptions } from "../options.ts";
import { createOutputFolder } from "../output-folder.ts";
import { commandSettings } from "../setting-options.ts";
import { commandStore } from "../storage.ts";
import { formatCount, printable } from "../terminal/format.ts";
import { ProgressLine } from "../terminal/progress.ts";
import { captureTable } from "./capture-table.ts";
import { openJournal } from "./journal.ts";
import { type CaptureOptions, captureOptions } from "./options.ts";
import { renderFailure, renderReport, reportJson, type TableReport } from "./report.ts";
import { choicesOf } from "./resume.ts";
import { resolveSources } from "./sources.ts";

/**
 * `floecat-capture capture`: tables one after the other, files of a table in parallel, everything into one folder. What could
 * be captured is written even if some file could not (exit code 1); an interrupted or refused capture writes nothing, but keeps
 * what it has with `--resume`.
 */
export async function runCapture(
  uris: readonly string[],
  rawOptions: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const options = parseOptions(captureOptions, rawOptions);
  const { settings } = await commandSettings(rawOptions, ["storage"]);
  const store = commandStore(settings, options);
  const startedMs = systemClock.monotonicMs();
  const interruption = interruptible();
  try {
    const reports = await captureAll(uris, store, options, interruption.signal);
    print(reports, options, systemClock.monotonicMs() - startedMs);
    return reports.some((report) => report.failures.length > 0) ? EXIT.failed : EXIT.done;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    const kept = options.resume ? "; the same command goes on from here" : "; nothing was written";
    process.stderr.write(`floecat-capture: interrupted${kept}\n`);
    return EXIT.interrupted;
  } finally {
    interruption.release();
  }
}

async function captureAll(
  uris: readonly string[],
  store: StoreSettings,
  options: CaptureOptions,
  signal: AbortSignal,
): Promise<readonly TableReport[]> {
  const resources = captureResources(
    { threads: options.threads, maxMemoryBytes: options.maxMemory },
    readEnvironment(),
  );
  const journal = options.resume
    ? await openJournal(options.out, { choices: choicesOf(uris, options), nowMs: systemClock.nowMs() })
    : undefined;
  if (journal !== undefined && journal.kept > 0) {
    process.stderr.write(`resuming: ${formatCount(journal.kept)} files were captured before\n`);
  }
  const out = await createOutputFolder(options.out, { force: options.force, tables: options.statsFormat });
  const progress = new ProgressLine(terminal(), systemClock);
  await using pool = createCapturePool(resources);
  try {
    const reports: TableReport[] = [];
    for (const source of await resolveSources(uris, { store, options }, signal)) {
      const context = { options, pool, out, progress, signal, clock: systemClock, journal };
      reports.push(await captureTable(source, context));
    }
    progress.clear();
    await out.commit();
    // Files that failed can be tried again without the others.
    if (reports.every((report) => report.failures.length === 0)) await journal?.remove();
    return reports;
  } catch (error) {
    progress.clear();
    await out.discard();
    throw error;
  } finally {
    await journal?.close();
  }
}

function terminal() {
  return {
    isTTY: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 80,
    write: (text: string) => {
      process.stderr.write(text);
    },
  };
}

function print(reports: readonly TableReport[], options: CaptureOptions, elapsedMs: number): void {
  for (const report of reports) {
    for (const warning of report.warnings) process.stderr.write(`warning: ${printable(warning)}\n`);
    for (const failure of report.failures) process.stderr.write(`not captured: ${renderFailure(failure)}\n`);
  }
  if (options.json) {
    process.stdout.write(`${reportJson(reports, options.out, elapsedMs)}\n`);
    return;
  }
  const failed = reports.reduce((count, report) => count + report.failures.length, 0);
  const aggregates = options.outputs.has("table") || options.outputs.has("column");
  const parts = reports.map((report) => renderReport(report, report.elapsedMs));
  if (failed > 0) {
    const leftOut = aggregates ? "; TABLE and COLUMN records are left out, since they would be wrong" : "";
    parts.push(`${failed} ${failed === 1 ? "file" : "files"} could not be captured (see above)${leftOut}`);
  }
  parts.push(`written to ${printable(options.out)}`);
  process.stdout.write(`${parts.join("\n\n")}\n`);
}
