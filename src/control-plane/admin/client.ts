import { createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type {
  CaptureColumnPolicy,
  CaptureOutput,
  DefaultColumnScope,
  Generation,
  SourceConnector,
} from "../../model/index.ts";
import { tlsOptions } from "../../protocol/grpc/tls.ts";
import type { TlsSettings } from "../../protocol/index.ts";
import type { TableFormat } from "../../table/index.ts";
import {
  Admin,
  ColumnScope,
  Output,
  TableFormat as TableFormatNumber,
  TableState,
  type TableStatus,
} from "../gen/admin_pb.ts";

/** A table by its name in a catalog; secrets only as `env:NAME`, a variable of the control plane. */
export interface CatalogReference {
  readonly uri: string;
  /** Levels joined by dots. */
  readonly namespace: string;
  readonly table: string;
  readonly auth: SourceConnector["auth"];
}

/** What a program asks of an embedded control plane: tables in, their state, their results. Plain values on this side. */
export interface AdminClient {
  enqueue(request: EnqueueRequest, options: { readonly signal: AbortSignal }): Promise<EnqueuedTable>;
  /** Captures again what a job that has ended was about; answers the new capture's job id. */
  retry(jobId: string, options: { readonly signal: AbortSignal }): Promise<string>;
  /** Now, then at every change; ends once the table is finished. */
  watch(
    jobId: string,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<TableProgress, void, undefined>;
  /** Of a table that has succeeded; the header comes first. */
  readResult(
    jobId: string,
    options: { readonly includeSidecars: boolean; readonly signal: AbortSignal },
  ): AsyncGenerator<ResultItem, void, undefined>;
}

export interface EnqueueRequest {
  /** Absolute: a table folder; for bare Parquet also files and globs, one a line. */
  readonly tableUri: string;
  readonly format?: TableFormat | "auto";
  readonly snapshotId?: bigint | "latest";
  /** Empty or absent: all. */
  readonly outputs?: Iterable<CaptureOutput>;
  readonly columns?: readonly CaptureColumnPolicy[];
  /** `all` by default. */
  readonly columnScope?: DefaultColumnScope;
  readonly maxDefaultColumns?: number;
  readonly filesPerGroup?: number;
  readonly fullRescan?: boolean;
  readonly properties?: Readonly<Record<string, string>>;
  readonly accountId?: string;
  readonly tableId?: string;
  /** A table that its catalog locates; `tableUri` then only names it. */
  readonly catalog?: CatalogReference;
}

export interface EnqueuedTable {
  readonly jobId: string;
  readonly snapshotId: bigint;
  readonly fileCount: number;
  readonly groupCount: number;
  readonly accountId: string;
  readonly tableId: string;
}

export interface TableProgress {
  readonly jobId: string;
  readonly state: "queued" | "running" | "succeeded" | "failed" | "cancelled";
  readonly message: string;
  readonly groupCount: number;
  readonly groupsFinished: number;
  readonly groupsFailed: number;
  readonly fileCount: number;
  readonly filesFinished: number;
  readonly filesFailed: number;
}

export type ResultItem =
  | {
      readonly kind: "header";
      readonly generation: Generation;
      readonly tableUri: string;
      readonly accountId: string;
      readonly tableId: string;
      readonly snapshotId: bigint;
      readonly statsRecordCount: number;
      readonly indexArtifactCount: number;
    }
  /** A serialised record of the header's generation: `loadRecordCodec` reads it. */
  | { readonly kind: "stats"; readonly record: Uint8Array }
  | { readonly kind: "artifact"; readonly record: Uint8Array; readonly content: Uint8Array };

export interface AdminConnection {
  /** Sent with every call: the token, where the control plane asks for one. */
  readonly headers?: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>;
  /** For `https:` addresses. */
  readonly tls?: TlsSettings | undefined;
}

export function connectAdmin(baseUrl: string, connection: AdminConnection = {}): AdminClient {
  const { headers, tls } = connection;
  const withHeaders: Interceptor = (next) => async (request) => {
    for (const [name, value] of Object.entries((await headers?.(request.signal)) ?? {})) {
      request.header.set(name, value);
    }
    return await next(request);
  };
  const client = createClient(
    Admin,
    createGrpcTransport({
      baseUrl,
      interceptors: [withHeaders],
      nodeOptions: tlsOptions(new URL(baseUrl), tls),
    }),
  );
  return {
    async enqueue(request, { signal }) {
      const { snapshotId = "latest" } = request;
      const response = await client.enqueueTable(
        {
          tableUri: request.tableUri,
          format: FORMAT_NUMBER[request.format ?? "auto"],
          ...(snapshotId === "latest" ? {} : { snapshotId }),
          outputs: [...(request.outputs ?? [])].map((output) => OUTPUT_NUMBER[output]),
          columns: [...(request.columns ?? [])],
          columnScope: SCOPE_NUMBER[request.columnScope ?? "all"],
          maxDefaultColumns: request.maxDefaultColumns ?? 0,
          filesPerGroup: request.filesPerGroup ?? 0,
          fullRescan: request.fullRescan ?? false,
          properties: { ...request.properties },
          accountId: request.accountId ?? "",
          tableId: request.tableId ?? "",
          ...(request.catalog && { catalog: catalogMessage(request.catalog) }),
        },
        { signal },
      );
      const { jobId, fileCount, groupCount, accountId, tableId } = response;
      return { jobId, snapshotId: response.snapshotId, fileCount, groupCount, accountId, tableId };
    },
    async retry(jobId, { signal }) {
      return (await client.retryCapture({ jobId }, { signal })).jobId;
    },
    async *watch(jobId, { signal }) {
      for await (const status of client.watchTable({ jobId }, { signal })) yield progressFrom(status);
    },
    async *readResult(jobId, { includeSidecars, signal }) {
      for await (const { item } of client.readTableResult({ jobId, includeSidecars }, { signal })) {
        switch (item.case) {
          case "header":
            yield {
              kind: "header",
              generation: item.value.generation === "inline" ? "inline" : "chunked",
              tableUri: item.value.tableUri,
              accountId: item.value.accountId,
              tableId: item.value.tableId,
              snapshotId: item.value.snapshotId,
              statsRecordCount: Number(item.value.statsRecordCount),
              indexArtifactCount: Number(item.value.indexArtifactCount),
            };
            break;
          case "statsRecord":
            yield { kind: "stats", record: item.value };
            break;
          case "indexArtifact":
            yield { kind: "artifact", record: item.value.record, content: item.value.content };
            break;
        }
      }
    },
  };
}

function catalogMessage({ uri, namespace, table, auth }: CatalogReference) {
  return {
    uri,
    namespace,
    table,
    authScheme: auth.scheme,
    authProperties: { ...auth.properties },
    headerHints: { ...auth.headerHints },
  };
}

const OUTPUT_NUMBER: Readonly<Record<CaptureOutput, Output>> = {
  table: Output.TABLE_STATS,
  file: Output.FILE_STATS,
  column: Output.COLUMN_STATS,
  "page-index": Output.PAGE_INDEX,
};
const FORMAT_NUMBER: Readonly<Record<TableFormat | "auto", TableFormatNumber>> = {
  auto: TableFormatNumber.AUTO,
  delta: TableFormatNumber.DELTA,
  iceberg: TableFormatNumber.ICEBERG,
  parquet: TableFormatNumber.PARQUET,
};
const SCOPE_NUMBER: Readonly<Record<DefaultColumnScope, ColumnScope>> = {
  "first-n": ColumnScope.FIRST_N,
  all: ColumnScope.ALL,
  "explicit-only": ColumnScope.EXPLICIT_ONLY,
};

function progressFrom(status: TableStatus): TableProgress {
  const { jobId, message, groupCount, groupsFinished, groupsFailed, fileCount, filesFinished, filesFailed } =
    status;
  return {
    jobId,
    state: stateName(status.state),
    message,
    groupCount,
    groupsFinished,
    groupsFailed,
    fileCount,
    filesFinished,
    filesFailed,
  };
}

function stateName(state: TableState): TableProgress["state"] {
  switch (state) {
    case TableState.QUEUED:
      return "queued";
    case TableState.SUCCEEDED:
      return "succeeded";
    case TableState.FAILED:
      return "failed";
    case TableState.CANCELLED:
      return "cancelled";
    default:
      return "running";
  }
}
