import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  AccessDeniedError,
  type CaptureOutput,
  type CapturePolicy,
  type DefaultColumnScope,
  SourceMissingError,
  TableError,
  UsageError,
} from "../../model/index.ts";
import type { StoreSettings } from "../../storage/index.ts";
import type { TableFormat } from "../../table/index.ts";
import type { Principal } from "../auth/index.ts";
import {
  ColumnScope,
  type EnqueueTableRequest,
  Output,
  type ReadTableResultRequest,
  type RetryCaptureRequest,
  TableFormat as TableFormatNumber,
  type TableResultItemSchema,
  type WatchTableRequest,
} from "../gen/admin_pb.ts";
import { type Call, GrpcStatusError } from "../grpc/index.ts";
import { enqueueTable } from "../plan/plan-table.ts";
import type { ServiceContext } from "../service.ts";
import { type ChangeNotice, eventOrAbort } from "./change-notice.ts";
import { retryCapture } from "./retry.ts";
import { readTableResult } from "./table-result.ts";
import { finished, tableStatus } from "./table-status.ts";

/** Our own service on the port of the worker protocol: takes tables, tells how they are getting on, gives out their results. */
export interface AdminOptions {
  /** Where the planner may read. */
  readonly store: StoreSettings;
  readonly changes: ChangeNotice;
  /** After tables have been taken or cancelled. */
  readonly poke: () => void;
}

export function adminService(context: ServiceContext, options: AdminOptions) {
  /** Tables are an operator's business, as jobs are (02 §8). */
  async function admit(call: Call): Promise<Principal> {
    const principal = await context.authenticate(call);
    if (principal.permissions.has("connector.manage")) return principal;
    throw new GrpcStatusError("PERMISSION_DENIED", "missing permissions: [connector.manage]");
  }

  return {
    async enqueue(request: EnqueueTableRequest, call: Call) {
      const principal = await admit(call);
      const accountId = request.accountId === "" ? principal.accountId : request.accountId;
      const tableRequest = {
        uri: request.tableUri,
        format: formatOf(request.format),
        snapshotId: request.snapshotId ?? ("latest" as const),
        properties: request.properties,
        accountId,
        tableId: request.tableId,
        policy: policyOf(request),
        filesPerGroup: request.filesPerGroup,
        fullRescan: request.fullRescan,
        ...(request.catalog && { catalog: catalogOf(request.catalog) }),
      };
      const enqueued = await enqueueTable(context, tableRequest, {
        store: options.store,
        signal: call.signal,
      }).catch((error: unknown) => {
        throw planError(error);
      });
      options.poke();
      return { ...enqueued, accountId };
    },

    async retry(request: RetryCaptureRequest, call: Call) {
      const { accountId } = await admit(call);
      const root = retryCapture(context, request.jobId, accountId);
      options.poke();
      return { jobId: root.jobId };
    },

    async *watch(request: WatchTableRequest, call: Call) {
      await context.authenticate(call);
      let last = "";
      for (;;) {
        // Asked for first, so that no change between the look and the wait is missed.
        const change = options.changes.next();
        const status = tableStatus(context, request.jobId);
        if (status === undefined) {
          throw new GrpcStatusError("NOT_FOUND", `no job ${request.jobId}`);
        }
        const text = JSON.stringify(status);
        if (text !== last) yield status;
        last = text;
        if (finished(status)) return;
        await eventOrAbort(change, call.signal);
        // A busy table changes many times a second; a few looks are enough.
        await context.clock.sleep(WATCH_INTERVAL_MS, call.signal);
      }
    },

    async *read(
      request: ReadTableResultRequest,
      call: Call,
    ): AsyncGenerator<MessageInitShape<typeof TableResultItemSchema>, void, undefined> {
      await admit(call);
      yield* readTableResult(context, request);
    },
  };
}

function catalogOf(catalog: NonNullable<EnqueueTableRequest["catalog"]>) {
  const { uri, namespace, table, authScheme: scheme, authProperties: properties, headerHints } = catalog;
  return { uri, namespace, table, auth: { scheme, properties, headerHints } };
}

const WATCH_INTERVAL_MS = 100;

/** Told in the words of the planner; nothing here is retried by a machine. */
function planError(error: unknown): unknown {
  if (error instanceof SourceMissingError) return new GrpcStatusError("NOT_FOUND", error.message);
  if (error instanceof AccessDeniedError) return new GrpcStatusError("PERMISSION_DENIED", error.message);
  if (error instanceof UsageError || error instanceof TableError) {
    return new GrpcStatusError("INVALID_ARGUMENT", error.message);
  }
  return error;
}

const OUTPUT_NAME: ReadonlyMap<number, CaptureOutput> = new Map([
  [Output.TABLE_STATS, "table"],
  [Output.FILE_STATS, "file"],
  [Output.COLUMN_STATS, "column"],
  [Output.PAGE_INDEX, "page-index"],
]);

function policyOf(request: EnqueueTableRequest): CapturePolicy {
  const outputs = new Set(request.outputs.map(outputName));
  return {
    columns: request.columns.map(({ selector, captureStats, captureIndex }) => ({
      selector,
      captureStats,
      captureIndex,
    })),
    outputs: outputs.size === 0 ? new Set(OUTPUT_NAME.values()) : outputs,
    defaultColumnScope: scopeName(request.columnScope),
    maxDefaultColumns: request.maxDefaultColumns === 0 ? 32 : request.maxDefaultColumns,
    properties: {},
  };
}

function outputName(output: number): CaptureOutput {
  const name = OUTPUT_NAME.get(output);
  if (name === undefined) throw new GrpcStatusError("INVALID_ARGUMENT", `unknown output ${output}`);
  return name;
}

function scopeName(scope: number): DefaultColumnScope {
  switch (scope) {
    case ColumnScope.FIRST_N:
      return "first-n";
    case ColumnScope.EXPLICIT_ONLY:
      return "explicit-only";
    default:
      return "all";
  }
}

function formatOf(format: number): TableFormat | "auto" {
  switch (format) {
    case TableFormatNumber.DELTA:
      return "delta";
    case TableFormatNumber.ICEBERG:
      return "iceberg";
    case TableFormatNumber.PARQUET:
      return "parquet";
    default:
      return "auto";
  }
}
