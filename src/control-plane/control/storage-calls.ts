import type { VendStorageCredentialsRequest } from "../../protocol/chunked/gen/floecat/storage/authority_pb.ts";
import type { ResolveStorageAuthorityForAccountLocationRequest } from "../../protocol/inline/gen/floecat/storage/authority_pb.ts";
import {
  badArgument,
  invalidField,
  LEASE_LOST_TEXT,
  leaseLost,
  missingField,
  textStatus,
} from "../errors/index.ts";
import { storageLocation } from "../executor/storage-location.ts";
import { type Caller, requirePermission, type ServiceContext } from "../service.ts";

/**
 * Credential vending of a control plane without any storage authority (01 §9): the checks are made, credentials are never
 * given, so that a worker goes on with the connector's own (decision 21).
 */
export function storageCalls(context: ServiceContext) {
  const { engine, store } = context;

  return {
    /** Inline. */
    resolve(request: ResolveStorageAuthorityForAccountLocationRequest) {
      if (request.accountId.trim() === "") throw missingField("account_id");
      if (request.required) throw noAuthority();
      return {};
    },

    /** Chunked. The account is checked before the permission (01 §11.3). */
    vend(request: VendStorageCredentialsRequest, caller: Caller): never {
      if (request.accountId.trim() === "") throw missingField("account_id");
      requirePermission(caller.principal, "storage-authority.resolve-internal");
      const location = request.locationPrefix?.trim() ?? "";
      const { executionBinding } = request;
      if (executionBinding !== undefined) {
        const { binding } = executionBinding;
        const jobId = binding.case === "reconcileLease" ? binding.value.jobId.trim() : "";
        const epoch = binding.case === "reconcileLease" ? binding.value.leaseEpoch.trim() : "";
        if (jobId === "" || epoch === "") throw invalidField("execution_binding");
        checkLease(jobId, epoch, request.accountId, location);
      }
      if (location === "") {
        throw badArgument(
          "Credential vending was requested but no concrete storage location is available for this table",
        );
      }
      throw noAuthority();
    },
  };

  /** Renews the lease, as the peer does. */
  function checkLease(jobId: string, epoch: string, accountId: string, location: string): void {
    if (!engine.renew(jobId, epoch)) throw leaseLost(LEASE_LOST_TEXT);
    const job = store.jobs.get(jobId);
    if (job === undefined) throw leaseLost(`reconcile job not found: ${jobId}`);
    if (job.state !== "running" && job.state !== "cancelling") {
      throw leaseLost(
        `reconcile job is no longer active for lease ${jobId} state=JS_${job.state.toUpperCase()}`,
      );
    }
    if (job.accountId !== accountId) {
      throw textStatus("PERMISSION_DENIED", "reconcile lease account does not match requested account");
    }
    const table = job.snapshot && store.catalog.table(job.accountId, job.snapshot.tableId);
    const root = table === undefined ? "" : withoutSlashes(storageLocation(table));
    const asked = withoutSlashes(location);
    if (asked !== "" && root !== "" && asked !== root && !asked.startsWith(`${root}/`)) {
      throw textStatus(
        "PERMISSION_DENIED",
        "requested location is outside the leased reconcile storage scope",
      );
    }
  }
}

function withoutSlashes(location: string): string {
  return location.replace(/\/+$/, "");
}

function noAuthority() {
  return badArgument(
    "Credential vending was requested but no storage credential authority is configured for this table",
  );
}
