import type { Call } from "../grpc/index.ts";

/** What a caller may do (02 §1.3, §8, 01 §9). */
export type Permission =
  | "reconcile-executor-control.internal"
  | "storage-authority.resolve-internal"
  | "connector.manage"
  | "connector.create";

export interface Principal {
  readonly accountId: string;
  readonly subject: string;
  readonly permissions: ReadonlySet<Permission>;
}

/** Rejects with a `GrpcStatusError` UNAUTHENTICATED whose text is in the status message, without details (02 §1.2). */
export type Authenticator = (call: Call) => Promise<Principal>;

/** What role `reconcile-worker` grants (08 §1.8). */
export const WORKER_PERMISSIONS: ReadonlySet<Permission> = new Set([
  "reconcile-executor-control.internal",
  "storage-authority.resolve-internal",
  "connector.manage",
]);

/** What the people who run captures may do. */
export const OPERATOR_PERMISSIONS: ReadonlySet<Permission> = new Set([
  "connector.manage",
  "connector.create",
]);

export const ALL_PERMISSIONS: ReadonlySet<Permission> = new Set([
  ...WORKER_PERMISSIONS,
  ...OPERATOR_PERMISSIONS,
]);
