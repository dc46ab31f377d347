import { z } from "zod";
import type { EnqueuedTable, EnqueueRequest, TableProgress } from "../../control-plane/client.ts";
import { systemClock, UsageError } from "../../model/index.ts";
import { connectJobControl } from "../../protocol/index.ts";
import { type Admin, adminOf } from "../admin.ts";
import { outputList, snapshotChoice } from "../capture/options.ts";
import { renderReport, type TableReport, tableJson } from "../capture/report.ts";
import { absoluteUri, LOCAL_ACCOUNT, localTableId } from "../capture/sources.ts";
import { catalogShape, strayCatalogFlag } from "../catalog/options.ts";
import { catalogRequest } from "../catalog/request.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { parseOptions, wholeNumber } from "../options.ts";
import { createOutputFolder } from "../output-folder.ts";
import { formatCount, printable } from "../terminal/format.ts";
import { print } from "../terminal/print.ts";
import { explainAdminError } from "./admin-errors.ts";
import { readResults } from "./results.ts";

const enqueueOptions = z.object({
  snapshot: snapshotChoice,
  outputs: outputList,
  columns: z.array(z.string()),
  ndv: z.boolean(),
  filesPerGroup: wholeNumber(1).optional(),
  fullRescan: z.boolean(),
  wait: z.boolean(),
  out: z.string().min(1).optional(),
  force: z.boolean(),
  json: z.boolean(),
  format: z.enum(["auto", "delta", "iceberg"]),
  ...catalogShape,
});
const CALL_TIMEOUT_MS = 30_000;

type EnqueueOptions = z.infer<typeof enqueueOptions>;

/**
 * `floecat-capture enqueue`: gives a table to the embedded control plane. With `--wait`, stays until its capture has ended and
 * shows the result; with `--out`, writes it as `capture` would.
 */
export async function runEnqueue(
  uri: string,
  rawOptions: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const options = parseOptions(enqueueOptions, rawOptions);
  if (options.out !== undefined && !options.wait) {
    throw new UsageError("--out needs --wait: the result is not there before");
  }
  const interruption = interruptible();
  const { signal } = interruption;
  const admin = await adminOf(rawOptions);
  const { client } = admin;
  try {
    const startedMs = systemClock.monotonicMs();
    const enqueued = await client.enqueue(await requestOf(uri, options), { signal });
    if (options.wait) return await waitFor(enqueued, { ...admin, options, startedMs, signal });
    print(options.json ? JSON.stringify(enqueuedJson(enqueued)) : enqueuedText(enqueued));
    return EXIT.done;
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    throw explainAdminError(error, admin.controlPlane.url);
  } finally {
    interruption.release();
  }
}

async function requestOf(uri: string, options: EnqueueOptions): Promise<EnqueueRequest> {
  const stray = strayCatalogFlag(options);
  if (stray !== undefined) throw new UsageError(`${stray}: means something beside --catalog alone`);
  const properties = options.ndv ? { "stats.ndv.enabled": "true" } : {};
  if (options.catalog !== undefined) {
    const table = await catalogRequest(uri, { ...options, catalog: options.catalog }, properties);
    return {
      ...choicesOf(options),
      ...table,
      accountId: LOCAL_ACCOUNT,
      tableId: localTableId(table.tableUri),
    };
  }
  const tableUri = absoluteUri(uri);
  return {
    ...choicesOf(options),
    tableUri,
    properties,
    // The same as `capture` gives it, so that the results can be compared.
    accountId: LOCAL_ACCOUNT,
    tableId: localTableId(tableUri),
  };
}

function choicesOf(options: EnqueueOptions) {
  return {
    format: options.format,
    snapshotId: options.snapshot,
    outputs: options.outputs,
    columns: options.columns.map((selector) => ({ selector, captureStats: true, captureIndex: true })),
    columnScope: "all" as const,
    filesPerGroup: options.filesPerGroup ?? 0,
    fullRescan: options.fullRescan,
  };
}

interface WaitContext {
  readonly client: Admin["client"];
  readonly controlPlane: Admin["controlPlane"];
  readonly options: EnqueueOptions;
  readonly startedMs: number;
  readonly signal: AbortSignal;
}

async function waitFor(enqueued: EnqueuedTable, context: WaitContext): Promise<ExitCode> {
  const { options } = context;
  if (!options.json) print(`${enqueuedText(enqueued)}\n`);
  const last = await watchToEnd(enqueued.jobId, context);
  const elapsedMs = systemClock.monotonicMs() - context.startedMs;
  const { state, message } = last;
  if (state !== "succeeded") {
    const reason = (await failedGroup(enqueued.jobId, context)) ?? message;
    if (options.json) print(JSON.stringify({ ...enqueuedJson(enqueued), state, message, reason }));
    process.stderr.write(
      `floecat-capture: ${enqueued.jobId} ${state}: ${printable(reason)}\n(more: floecat-capture jobs show ${enqueued.jobId})\n`,
    );
    return EXIT.failed;
  }
  const table = await fetchResults(enqueued.jobId, elapsedMs, context);
  if (options.json) {
    print(
      JSON.stringify({
        ...enqueuedJson(enqueued),
        state,
        elapsedMs: Math.round(elapsedMs),
        table: tableJson(table),
      }),
    );
    return EXIT.done;
  }
  print(renderReport(table, elapsedMs));
  if (options.out !== undefined) print(`\nwritten to ${options.out}`);
  return EXIT.done;
}

/** What the first failed file group said, which tells more than that a group has failed. */
async function failedGroup(
  jobId: string,
  { controlPlane, signal }: WaitContext,
): Promise<string | undefined> {
  const { jobs, close } = await connectJobControl(controlPlane);
  try {
    const tree = await jobs.tree(jobId, { signal, timeoutMs: CALL_TIMEOUT_MS });
    const failed = tree.find((job) => job.kind === "exec_file_group" && job.state === "failed");
    return failed?.message === "" ? undefined : failed?.message;
  } finally {
    close();
  }
}

async function watchToEnd(jobId: string, context: WaitContext): Promise<TableProgress> {
  let last: TableProgress | undefined;
  const draws = process.stderr.isTTY === true && !context.options.json;
  for await (const status of context.client.watch(jobId, { signal: context.signal })) {
    last = status;
    if (draws) {
      process.stderr.write(
        `\r\u001b[2K${status.state}: ${formatCount(status.filesFinished)} of ${formatCount(status.fileCount)} files, ` +
          `${formatCount(status.groupsFinished)} of ${formatCount(status.groupCount)} groups`,
      );
    }
  }
  if (draws) process.stderr.write("\r\u001b[2K");
  if (last === undefined) throw new Error(`the control plane told nothing about ${jobId}`);
  return last;
}

async function fetchResults(jobId: string, elapsedMs: number, context: WaitContext): Promise<TableReport> {
  const { client, options, signal } = context;
  if (options.out === undefined) {
    return await readResults(client.readResult(jobId, { includeSidecars: false, signal }), elapsedMs);
  }
  const out = await createOutputFolder(options.out, { force: options.force });
  try {
    const items = client.readResult(jobId, { includeSidecars: true, signal });
    const table = await readResults(items, elapsedMs, out);
    await out.commit();
    return table;
  } catch (error) {
    await out.discard();
    throw error;
  }
}

function enqueuedText(enqueued: EnqueuedTable): string {
  return (
    `${enqueued.jobId}: snapshot ${enqueued.snapshotId}, ` +
    `${counted(enqueued.fileCount, "file")} in ${counted(enqueued.groupCount, "group")}`
  );
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function enqueuedJson(enqueued: EnqueuedTable) {
  return { ...enqueued, snapshotId: String(enqueued.snapshotId) };
}
