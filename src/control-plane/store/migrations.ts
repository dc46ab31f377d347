/**
 * The schema of the job store, one step a version: `PRAGMA user_version` counts the steps that a file has had. A step that
 * has been released is never changed; later needs become later steps. Times are milliseconds, 64-bit ids signed.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE connectors (
    account_id TEXT NOT NULL,
    connector_id TEXT NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (account_id, connector_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tables (
    account_id TEXT NOT NULL,
    table_id TEXT NOT NULL,
    connector_id TEXT NOT NULL,
    namespace_parts TEXT NOT NULL,
    name TEXT NOT NULL,
    upstream_uri TEXT NOT NULL,
    properties TEXT NOT NULL,
    PRIMARY KEY (account_id, table_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE jobs (
    job_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    parent_job_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    executor_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    tables_scanned INTEGER NOT NULL,
    tables_changed INTEGER NOT NULL,
    views_scanned INTEGER NOT NULL,
    views_changed INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    snapshots_processed INTEGER NOT NULL,
    stats_processed INTEGER NOT NULL,
    pinned_executor_id TEXT NOT NULL,
    execution_class INTEGER NOT NULL,
    lane TEXT NOT NULL,
    attributes TEXT NOT NULL,
    lane_key TEXT NOT NULL,
    connector_id TEXT NOT NULL,
    mode INTEGER NOT NULL,
    full_rescan INTEGER NOT NULL,
    scope TEXT NOT NULL,
    plan_id TEXT,
    group_id TEXT,
    table_id TEXT,
    snapshot_id INTEGER,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX jobs_queue ON jobs (state, next_attempt_at, account_id, job_id);
  CREATE INDEX jobs_pins ON jobs (pinned_executor_id, state, next_attempt_at, account_id, job_id);
  CREATE INDEX jobs_children ON jobs (parent_job_id, kind, state);
  CREATE INDEX jobs_lanes ON jobs (lane_key, state);

  CREATE TABLE leases (
    job_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    epoch TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE planned_groups (
    parent_job_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    plan_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    file_paths TEXT NOT NULL,
    file_count INTEGER NOT NULL,
    PRIMARY KEY (parent_job_id, plan_id, group_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX planned_groups_in_order ON planned_groups (parent_job_id, position);

  CREATE TABLE group_results (
    job_id TEXT PRIMARY KEY,
    manifest_uri TEXT NOT NULL,
    manifest_record_count INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE file_results (
    job_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    file_path TEXT NOT NULL,
    state INTEGER NOT NULL,
    stats_processed INTEGER NOT NULL,
    message TEXT NOT NULL,
    artifact_uri TEXT NOT NULL,
    artifact_format TEXT NOT NULL,
    artifact_format_version INTEGER NOT NULL,
    PRIMARY KEY (job_id, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE partials (
    job_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    storage_id TEXT NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (job_id, storage_id)
  ) STRICT;

  CREATE TABLE statistics (
    account_id TEXT NOT NULL,
    table_id TEXT NOT NULL,
    snapshot_id INTEGER NOT NULL,
    publication TEXT NOT NULL,
    storage_id TEXT NOT NULL,
    file_path TEXT,
    record BLOB NOT NULL,
    PRIMARY KEY (account_id, table_id, snapshot_id, publication, storage_id)
  ) STRICT;

  CREATE TABLE active_publications (
    account_id TEXT NOT NULL,
    table_id TEXT NOT NULL,
    snapshot_id INTEGER NOT NULL,
    publication TEXT NOT NULL,
    PRIMARY KEY (account_id, table_id, snapshot_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE artifacts (
    account_id TEXT NOT NULL,
    table_id TEXT NOT NULL,
    snapshot_id INTEGER NOT NULL,
    file_path TEXT NOT NULL,
    blob_key TEXT NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (account_id, table_id, snapshot_id, file_path)
  ) STRICT;
  CREATE INDEX artifacts_blob ON artifacts (blob_key);

  CREATE TABLE blobs (
    blob_key TEXT PRIMARY KEY,
    content_type TEXT NOT NULL,
    etag TEXT NOT NULL,
    size INTEGER NOT NULL,
    stored_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE idempotency (
    account_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    item_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL,
    payload BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, operation, item_key)
  ) STRICT;
  CREATE INDEX idempotency_expiry ON idempotency (expires_at);
  `,
];
