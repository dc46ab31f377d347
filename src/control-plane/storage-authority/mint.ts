import { randomUUID } from "node:crypto";
import type { Clock, Generation } from "../../model/index.ts";
import type { MintedKeys, StorageAuthority } from "./authority.ts";

/** Undefined: the authority has nothing to mint from. Rejects where STS refuses. */
export type CredentialMint = (
  authority: StorageAuthority,
  scope: { readonly location: string; readonly generation: Generation },
) => Promise<MintedKeys | undefined>;

export function mintCredentials(clock: Pick<Clock, "nowMs">): CredentialMint {
  return async (authority, scope) => {
    const { keys, role } = authority;
    if (role !== undefined) {
      // inline assumes a role with keys that it has been given, chunked also with what its machine has.
      if (keys === undefined && scope.generation === "inline") return undefined;
      const { assumeRole } = await import("./assume-role.ts");
      return await assumeRole({ ...authority, role }, scope);
    }
    if (keys === undefined) return undefined;
    const { lifetimeSeconds, ...given } = keys;
    if (lifetimeSeconds === undefined) return given;
    const expiresAtMs = clock.nowMs() + lifetimeSeconds * 1000;
    // Keys that end have a token: one that tells its end to a server that looks.
    return {
      ...given,
      sessionToken: given.sessionToken ?? `until-${expiresAtMs}-${randomUUID()}`,
      expiresAtMs,
    };
  };
}
