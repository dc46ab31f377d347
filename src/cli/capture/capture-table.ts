import {
  type CapturePool,
  captureFiles,
  createTableRollup,
  distinctSettings,
  openCapture,
} from "../../capture/index.ts";
import { type Clock, FILE_CONTENT, SourceMissingError } from "../../model/index.ts";
import { loadRecordCodec } from "../../protocol/index.ts";
import { type TableFile, UnknownColumnError } from "../../table/index.ts";
import type { OutputFolder } from "../output-folder.ts";
import type { ProgressLine } from "../terminal/progress.ts";
import type { CaptureJournal } from "./journal.ts";
import { type Listing, startListing } from "./listing.ts";
import { type CaptureOptions, policyOf } from "./options.ts";
import type { TableReport } from "./report.ts";
import { resumableTable } from "./resume.ts";
import { selectedColumns, unknownColumn } from "./selected-columns.ts";
import type { CaptureSource } from "./sources.ts";

export interface CaptureTableContext {
  readonly options: CaptureOptions;
  readonly pool: CapturePool;
  readonly out: OutputFolder;
  readonly progress: ProgressLine;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Of a capture that can be resumed. */
  readonly journal?: CaptureJournal | undefined;
}

/**
 * Captures one table: opens its snapshot, captures the files, writes each file's record, artifact and sidecar as soon as it is
 * there, and the roll-up at the end unless a file failed.
 */
export async function captureTable(
  source: CaptureSource,
  context: CaptureTableContext,
): Promise<TableReport> {
  const { options, signal, clock } = context;
  const startedMs = clock.monotonicMs();
  const policy = policyOf(options);
  const nowMs = context.journal?.nowMs ?? clock.nowMs();
  const warnings: string[] = [];
  using opened = await openCapture(
    {
      ...source,
      policy,
      generation: options.wire,
      snapshotId: options.snapshot,
      fullRescan: false,
      // Inline FILE records have no place for distinct values: its COLUMN records get them (07 §6.7).
      distinct: options.ndv ? distinctSettings(source.connector, "chunked") : undefined,
      crc: options.crc,
      nowMs,
      warn: (message) => warnings.push(message),
    },
    signal,
  ).catch((error: unknown) => {
    if (error instanceof UnknownColumnError) throw unknownColumn(error.selector, source.uri);
    throw signal.aborted ? error : (source.explain?.(error) ?? error);
  });
  if (opened === undefined) throw new SourceMissingError(missingSnapshot(source, options));
  const { snapshot, request } = opened;
  const indexedAt = selectedColumns(policy, snapshot, source.uri);
  const listing = await startListing(snapshot, signal);
  const codec = await loadRecordCodec(options.wire);
  const report: TableReport = {
    uri: source.uri,
    format: snapshot.format,
    tableId: source.tableId.id,
    snapshotId: snapshot.snapshotId,
    files: [],
    failures: [],
    warnings,
    elapsedMs: 0,
  };
  const rollup = createTableRollup(options.wire, { outputs: options.outputs, nowMs });
  const meter = fileMeter(listing, context);
  using resumable = context.journal && resumableTable(context.journal, source, snapshot, signal);
  const resumed = new Set<string>();
  const outcomes = captureFiles({ ...request, ...(indexedAt && { indexedAt }) }, listing.files, {
    pool: context.pool,
    clock,
    signal,
    onProgress: meter.onProgress,
    ...(resumable && {
      earlier: async (file) => {
        const outcome = await resumable.earlier(file);
        if (outcome !== undefined) resumed.add(file.path);
        return outcome;
      },
    }),
  });
  for await (const outcome of outcomes) {
    meter.onDone(outcome.file);
    if (!outcome.ok) {
      report.failures.push({ path: outcome.file.path, error: outcome.error });
      continue;
    }
    if (!resumed.delete(outcome.file.path)) await resumable?.keep(outcome);
    warnings.push(...outcome.warnings);
    if (outcome.record !== undefined) {
      rollup.add(outcome.record, outcome.ndvBeside);
      await context.out.addStats(outcome.record, codec.statsToJson(outcome.record));
    }
    if (outcome.artifact !== undefined) {
      await context.out.addSidecar(outcome.artifact.content);
      await context.out.addArtifact(codec.artifactToJson(outcome.artifact.record));
    }
    report.files.push({
      path: outcome.file.path,
      isData: outcome.file.content === FILE_CONTENT.data,
      rows: outcome.rows,
      columns: outcome.columns,
      pages: outcome.pages,
      sizeBytes: outcome.file.sizeBytes,
      bytesRead: outcome.bytesRead,
      requests: outcome.requests,
      elapsedMs: outcome.elapsedMs,
    });
  }
  if (report.failures.length === 0) {
    for (const record of rollup.finish()) {
      await context.out.addStats(record, codec.statsToJson(record));
    }
  }
  return { ...report, elapsedMs: clock.monotonicMs() - startedMs };
}

function missingSnapshot(source: CaptureSource, options: CaptureOptions): string {
  return options.snapshot === "latest"
    ? `${source.uri} has no snapshot yet`
    : `${source.uri} has no snapshot ${options.snapshot}`;
}

/** Progress over all files of a table: what is read of a file counts up to its size, a file that is done counts whole. */
function fileMeter(listing: Listing, context: CaptureTableContext) {
  const readOf = new Map<TableFile, number>();
  let bytesEnded = 0;
  let filesDone = 0;
  const draw = (file: TableFile) => {
    let bytesDone = bytesEnded;
    for (const bytes of readOf.values()) bytesDone += bytes;
    const totals = listing.totals();
    context.progress.update({
      filesDone,
      filesTotal: totals?.files,
      bytesDone,
      bytesTotal: totals?.bytes,
      current: file.path,
    });
  };
  return {
    onProgress(file: TableFile, { bytesRead }: { readonly bytesRead: number }) {
      readOf.set(file, Math.min(bytesRead, Number(file.sizeBytes)));
      draw(file);
    },
    onDone(file: TableFile) {
      readOf.delete(file);
      if (!file.readable) return;
      bytesEnded += Number(file.sizeBytes);
      filesDone++;
      draw(file);
    },
  };
}
