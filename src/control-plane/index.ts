/** The door of the embedded control plane. */
export {
  ALL_PERMISSIONS,
  type Authenticator,
  developmentAuthenticator,
  type OidcOptions,
  oidcAuthenticator,
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
