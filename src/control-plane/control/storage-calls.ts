import type { VendStorageCredentialsRequest } from "../../protocol/chunked/gen/floecat/storage/authority_pb.ts";
import type { ResolveStorageAuthorityForAccountLocationRequest } from "../../protocol/inline/gen/floecat/storage/authority_pb.ts";
import {
  badArgument,
  internal,
  invalidField,
  LEASE_LOST_TEXT,
  leaseLost,
  missingField,
  textStatus,
  unknownResource,
} from "../errors/index.ts";
import { type Caller, requirePermission, type ServiceContext } from "../service.ts";
import {
  findAuthority,
  isAboveOrBelow,
  type StorageAuthority,
  tableLocation,
  vendedBy,
} from "../storage-authority/index.ts";

/** Credential vending (01 §9, 08 §3.3, §3.4): the checks of each generation in their order. */
export function storageCalls(context: ServiceContext) {
  const { engine, store, authorities } = context;

  return {
    /** Inline: the authority of the location that is asked for; none is no error. */
    async resolve(request: ResolveStorageAuthorityForAccountLocationRequest) {
      if (request.accountId.trim() === "") throw missingField("account_id");
      const location = request.locationPrefix ?? "";
      const authority = findAuthority(authorities, request.accountId, withoutSlashes(location));
      if (authority === undefined) {
        if (request.required) throw badArgument(NONE_CONFIGURED);
        return {};
      }
      if (!request.includeCredentials) return vendedBy(authority, location, undefined);
      return vendedBy(authority, location, await minted(authority, location, NONE_CONFIGURED));
    },

    /** Chunked: the authority of the leased table. The account is checked before the permission (01 §11.3). */
    async vend(request: VendStorageCredentialsRequest, caller: Caller) {
      if (request.accountId.trim() === "") throw missingField("account_id");
      requirePermission(caller.principal, "storage-authority.resolve-internal");
      const location = request.locationPrefix?.trim() ?? "";
      const table = leasedTable(request);
      if (location === "") throw badArgument(NO_LOCATION);
      // Vending to clients, without a lease, is not what a worker does: nothing is configured for it here.
      if (table === undefined) throw badArgument(NONE_CONFIGURED);
      const root = boundLocation(table, location);
      const authority = findAuthority(authorities, request.accountId, root);
      if (authority === undefined) throw badArgument(NONE_CONFIGURED);
      return vendedBy(authority, location, await minted(authority, root, UNSUPPORTED));
    },
  };

  /** Rows 3 to 7 of 08 §3.4; renews the lease, as the peer does. Undefined: the request names no lease. */
  function leasedTable({ executionBinding, accountId }: VendStorageCredentialsRequest) {
    if (executionBinding === undefined) return undefined;
    const { binding } = executionBinding;
    const jobId = binding.case === "reconcileLease" ? binding.value.jobId.trim() : "";
    const epoch = binding.case === "reconcileLease" ? binding.value.leaseEpoch.trim() : "";
    if (jobId === "" || epoch === "") throw invalidField("execution_binding");
    if (!engine.renew(jobId, epoch)) throw leaseLost(LEASE_LOST_TEXT);
    const job = store.jobs.get(jobId);
    if (job === undefined) throw leaseLost(`reconcile job not found: ${jobId}`);
    if (job.accountId !== accountId) {
      throw textStatus("PERMISSION_DENIED", "reconcile lease account does not match requested account");
    }
    if (job.state !== "running" && job.state !== "cancelling") {
      throw leaseLost(
        `reconcile job is no longer active for lease ${jobId} state=JS_${job.state.toUpperCase()}`,
      );
    }
    return { accountId, tableId: job.snapshot?.tableId ?? "" };
  }

  /** Rows 9 to 11. */
  function boundLocation(
    { accountId, tableId }: { accountId: string; tableId: string },
    asked: string,
  ): string {
    const table = store.catalog.table(accountId, tableId);
    if (table === undefined) throw unknownResource("table", tableId);
    const location = tableLocation(table);
    if (location === undefined) {
      throw textStatus("FAILED_PRECONDITION", "reconcile lease is not bound to a concrete storage location");
    }
    if (!isAboveOrBelow(asked, location)) {
      throw textStatus(
        "PERMISSION_DENIED",
        "requested location is outside the leased reconcile storage scope",
      );
    }
    return location;
  }

  /** Rows 14 and 15. What STS said stays here. */
  async function minted(authority: StorageAuthority, location: string, withoutSecret: string) {
    const keys = await context.mint(authority, { location, generation: context.generation }).catch(() => {
      throw internal(`no credentials could be had for storage authority ${authority.id}`);
    });
    if (keys === undefined) throw badArgument(withoutSecret);
    return keys;
  }
}

const NONE_CONFIGURED =
  "Credential vending was requested but no storage credential authority is configured for this table";
const NO_LOCATION =
  "Credential vending was requested but no concrete storage location is available for this table";
const UNSUPPORTED = "Unsupported storage credential authority";

function withoutSlashes(location: string): string {
  return location.trim().replace(/\/+$/, "");
}
