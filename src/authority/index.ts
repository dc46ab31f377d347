/**
 * The door of storage authorities: which credentials the control plane vends for a leased group, and how they are renewed (08
 * §3). Whoever wires worker and capture calls `resolveStorage` once a group.
 */
export { type RenewingCredentials, renewingCredentials } from "./renewing.ts";
export { type ResolvedStorage, resolveStorage, type VendingContext } from "./resolve.ts";
