/**
 * The door of the embedded control plane: `createControlPlaneServer`. Its client's door is `client.ts`.
 *
 * Behind it: `grpc/` the server over HTTP/2, `auth/` and `errors/` who calls and how a refusal looks (02 §1), `jobs/` the rules
 * of jobs and leases as pure functions, with the engine that applies them (02 §3), `executor/` the worker's calls (02 §4),
 * `submit/` results (02 §5, §6), `finalize/` what becomes of them (02 §7), `control/` the operator's calls (02 §8), `plan/` and
 * `admin/` how tables come in, `storage-authority/` whose storage credentials are vended (08 §3), `store/` all that is kept, `routes/` the services of each wire generation.
 */
export {
  ALL_PERMISSIONS,
  type Authenticator,
  developmentAuthenticator,
  type OidcOptions,
  oidcAuthenticator,
  openAuthenticator,
  type Permission,
  type Principal,
  WORKER_PERMISSIONS,
} from "./auth/index.ts";
export type { Interception, Interceptor } from "./grpc/index.ts";
export {
  type ControlPlane,
  type ControlPlaneLog,
  type ControlPlaneOptions,
  createControlPlaneServer,
  DEFAULT_ACCOUNT_ID,
} from "./server.ts";
export type { ControlPlaneLimits, Quirks } from "./settings.ts";
export {
  type CredentialMint,
  type MintedKeys,
  readAuthorities,
  type StorageAuthority,
} from "./storage-authority/index.ts";
export type { SharedBlobs } from "./store/index.ts";
