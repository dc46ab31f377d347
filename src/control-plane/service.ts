import type { Clock, Generation } from "../model/index.ts";
import type { CatalogContext } from "../table/index.ts";
import type { Authenticator, Permission, Principal } from "./auth/index.ts";
import { internal, ServiceError, textStatus, toGrpcError } from "./errors/index.ts";
import type { SecretLookup } from "./executor/references.ts";
import type { CredentialIssuers } from "./executor/resolve-credentials.ts";
import { type Call, GrpcStatusError } from "./grpc/index.ts";
import type { JobEngine } from "./jobs/index.ts";
import type { ControlPlaneLimits, Quirks } from "./settings.ts";
import type { CredentialMint, StorageAuthority } from "./storage-authority/index.ts";
import type { Store } from "./store/index.ts";

/** What every service of the control plane works with. */
export interface ServiceContext {
  readonly generation: Generation;
  readonly limits: ControlPlaneLimits;
  readonly quirks: Quirks;
  readonly store: Store;
  readonly engine: JobEngine;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly authenticate: Authenticator;
  /** Whose credentials are vended, and how they are made (08 §3.3). */
  readonly authorities: readonly StorageAuthority[];
  readonly mint: CredentialMint;
  /** Who resolves what connectors' own credentials only name (08 §2.3). */
  readonly issuers: CredentialIssuers;
  /** What catalogs are asked with when their tables are planned; undefined: they can't be. */
  readonly catalogs: CatalogContext | undefined;
  /** Secrets that connectors of catalogs refer to. */
  readonly secrets: SecretLookup;
  /** Told of errors that are defects of ours. */
  readonly onDefect: (error: unknown, path: string) => void;
}

/** Who calls, and how. */
export interface Caller {
  readonly principal: Principal;
  readonly call: Call;
}

type Handler<Request, Response> = (request: Request, caller: Caller) => Response | Promise<Response>;

/**
 * The frame of every service call: who calls (02 §1.2), whether they may (02 §1.3, before the request is looked at), the
 * correlation id in header and trailer, and refusals in the form of 02 §1.4.
 */
export function serviceCall<Request, Response>(
  context: ServiceContext,
  permission: Permission | readonly Permission[] | undefined,
  handler: Handler<Request, Response>,
): (request: Request, call: Call) => Promise<Response> {
  return async (request, call) => {
    const correlationId = call.header("x-correlation-id") ?? context.newId();
    call.responseMetadata.set("x-correlation-id", correlationId);
    try {
      const principal = await context.authenticate(call);
      if (permission !== undefined) requirePermission(principal, permission);
      return await handler(request, { principal, call });
    } catch (error) {
      if (error instanceof GrpcStatusError) throw error;
      const refusal = error instanceof ServiceError ? error : unexpected(context, error, call);
      throw toGrpcError(refusal, {
        generation: context.generation,
        correlationId,
        maxDetailChars: context.limits.maxDetailChars,
        debugDetails: context.limits.debugDetails,
      });
    }
  };
}

/** 02 §1.3. */
export function requirePermission(
  principal: Principal,
  permission: Permission | readonly Permission[],
): void {
  // One of several is enough.
  const sufficient = typeof permission === "string" ? [permission] : permission;
  if (sufficient.some((each) => principal.permissions.has(each))) return;
  throw textStatus("PERMISSION_DENIED", `missing permissions: [${sufficient.join(", ")}]`);
}

function unexpected(context: ServiceContext, error: unknown, call: Call): ServiceError {
  context.onDefect(error, call.path);
  return internal(error instanceof Error ? error.message : "unexpected error");
}
