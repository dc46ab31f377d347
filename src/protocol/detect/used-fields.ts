/**
 * Every field that the worker sends or reads (01 §4–§9), by message. A server has to have each as our descriptors do. Those
 * named `spare` may be absent: nothing is lost that a result holds, and what a server doesn't know it passes over.
 */
import type { Generation } from "../../model/index.ts";

export interface MessageUse {
  /** Full name without `ai.floedb.floecat.`. */
  readonly message: string;
  readonly needed: readonly string[];
  readonly spare: readonly string[];
}

/** Names separated by blanks. */
function use(message: string, needed: string, spare = ""): MessageUse {
  const names = (text: string) => text.split(" ").filter((name) => name !== "");
  return { message, needed: names(needed), spare: names(spare) };
}

const SUBMIT = "reconciler.SubmitLeasedFileGroupExecutionResultRequest";

const IN_BOTH: readonly MessageUse[] = [
  use("reconciler.LeaseReconcileJobRequest", "executor_id job_kinds", "execution_classes lanes executor_ids"),
  use("reconciler.LeaseReconcileJobResponse", "found job"),
  use(
    "reconciler.LeasedReconcileJob",
    "job_id lease_epoch connector_id kind",
    "full_rescan parent_job_id pinned_executor_id file_group_task",
  ),
  use("reconciler.ReconcileFileGroupTask", "", "plan_id group_id"),
  use("reconciler.StartLeasedReconcileJobRequest", "job_id lease_epoch", "executor_id"),
  use("reconciler.RenewReconcileLeaseRequest", "job_id lease_epoch"),
  use("reconciler.RenewReconcileLeaseResponse", "renewed", "cancellation_requested"),
  use("reconciler.ReportReconcileProgressRequest", "job_id lease_epoch", "stats_processed message"),
  use("reconciler.ReportReconcileProgressResponse", "lease_valid", "cancellation_requested"),
  use("reconciler.GetReconcileCancellationRequest", "job_id"),
  use("reconciler.GetReconcileCancellationResponse", "cancellation_requested"),
  use(
    "reconciler.CompleteLeasedReconcileJobRequest",
    "job_id lease_epoch state failure_retry_disposition failure_retry_class",
    "errors stats_processed message",
  ),
  use("reconciler.CompleteLeasedReconcileJobResponse", "accepted"),
  use("reconciler.GetLeasedFileGroupExecutionRequest", "job_id lease_epoch"),
  use("reconciler.GetLeasedFileGroupExecutionResponse", "execution"),
  use(
    "reconciler.LeasedFileGroupExecution",
    "source_connector source_namespace source_table table_id snapshot_id plan_id group_id file_paths capture_policy",
    "job_id lease_epoch",
  ),
  use("reconciler.CapturePolicy", "columns outputs default_column_scope max_default_columns"),
  use("reconciler.CaptureColumnPolicy", "selector capture_stats capture_index"),
  use(`${SUBMIT}.Failure`, "result_id message"),
  use("reconciler.SubmitLeasedFileGroupExecutionResultResponse", "accepted"),
  use("reconciler.LeasedFileGroupIndexArtifact", "record content", "content_type"),
  use("connector.Connector", "kind uri auth properties", "resource_id"),
  use("connector.AuthConfig", "scheme header_hints properties"),
  use("common.ResourceId", "account_id id kind"),
  use("catalog.TargetStatsRecord", "table_id snapshot_id target metadata table scalar file"),
  use("catalog.StatsTarget", "table column file"),
  use("catalog.ColumnStatsTarget", "column_id"),
  use("catalog.FileStatsTarget", "file_path"),
  use("catalog.StatsMetadata", "producer completeness capture_mode"),
  use("catalog.TableValueStats", "row_count data_file_count total_size_bytes"),
  use(
    "catalog.FileTargetStats",
    "table_id snapshot_id file_path file_format row_count size_bytes columns file_content partition_data_json partition_spec_id equality_field_ids",
    "sequence_number",
  ),
  use("catalog.FileColumnStats", "column_id scalar"),
  use(
    "catalog.ScalarStats",
    "display_name logical_type row_count null_count nan_count ndv min max",
    "properties",
  ),
  use("catalog.Ndv", "approx sketches"),
  use("catalog.NdvApprox", "estimate", "rows_seen rows_total method properties"),
  use(
    "catalog.IndexArtifactRecord",
    "table_id snapshot_id target artifact_uri artifact_format artifact_format_version content_sha256_b64 state created_at coverage",
    "content_etag refreshed_at source_file_format properties",
  ),
  use("catalog.IndexTarget", "file"),
  use("catalog.IndexFileTarget", "file_path"),
  use(
    "catalog.IndexCoverage",
    "",
    "rows_indexed live_rows_indexed pages_indexed row_groups_indexed bytes_scanned",
  ),
];

const VENDED: readonly MessageUse[] = [
  use("storage.ResolveStorageAuthorityResponse", "client_safe_config storage_credentials", "authority_id"),
  use("storage.VendedStorageCredential", "prefix config expires_at"),
];

const IN_ONE: Readonly<Record<Generation, readonly MessageUse[]>> = {
  inline: [
    use(SUBMIT, "job_id lease_epoch success failure"),
    use(`${SUBMIT}.Success`, "result_id stats_records index_artifacts"),
    use("catalog.NdvSketch", "type data encoding compression version"),
  ],
  chunked: [
    use(SUBMIT, "job_id lease_epoch chunk success failure"),
    use(`${SUBMIT}.Chunk`, "result_id chunk_index stats_records index_artifacts"),
    use(`${SUBMIT}.Success`, "result_id file_results chunk_count"),
    use("reconciler.ReconcileFileResult", "file_path state stats_processed index_artifact"),
    use(
      "reconciler.ReconcileFileResult.ReconcileIndexArtifactResult",
      "artifact_uri artifact_format artifact_format_version",
    ),
    use("reconciler.LeasedFileGroupExecution", "storage_location"),
    use("reconciler.CapturePolicy", "", "properties"),
    use("catalog.ScalarStats", "avg_width_bytes"),
    use("catalog.SketchPayload", "role sketch_type data params", "captured_at_ms completeness"),
  ],
};

const TO_VEND: Readonly<Record<Generation, readonly MessageUse[]>> = {
  inline: [
    use(
      "storage.ResolveStorageAuthorityForAccountLocationRequest",
      "account_id location_prefix include_credentials required",
    ),
  ],
  chunked: [
    use(
      "storage.VendStorageCredentialsRequest",
      "account_id location_prefix table_id usage execution_binding",
    ),
    use("storage.ExecutionBinding", "reconcile_lease"),
    use("storage.ReconcileLeaseBinding", "job_id lease_epoch"),
  ],
};

/** Messages below the reconciler's file. */
export function usedFields(generation: Generation): readonly MessageUse[] {
  return [...IN_BOTH, ...IN_ONE[generation]];
}

/** Messages below the storage file, for servers that vend credentials. */
export function usedVendingFields(generation: Generation): readonly MessageUse[] {
  return [...VENDED, ...TO_VEND[generation]];
}

/** Methods of `ReconcileExecutorControl` that the worker calls. */
export const USED_METHODS = [
  "LeaseReconcileJob",
  "RenewReconcileLease",
  "StartLeasedReconcileJob",
  "ReportReconcileProgress",
  "CompleteLeasedReconcileJob",
  "GetReconcileCancellation",
  "GetLeasedFileGroupExecution",
  "SubmitLeasedFileGroupExecutionResult",
] as const;
