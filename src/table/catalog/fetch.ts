import type { HttpClient } from "../../http/index.ts";
import { AccessDeniedError } from "../../model/index.ts";
import { checkHost, lookupReachable, type ReachRules } from "../../storage/index.ts";
import type { CatalogFetch } from "./context.ts";

/**
 * Exchanges with catalogs under the same rules as those with stores: a connector names the address, and must not lead to what
 * only this machine can reach.
 */
export function catalogFetch(http: HttpClient, rules?: ReachRules): CatalogFetch {
  return async (address, request) => {
    const { hostname } = new URL(address);
    checkHost(rules, hostname);
    try {
      return await http.fetch(address, { ...request, lookup: lookupReachable });
    } catch (error) {
      // What the name resolution refused comes as the cause of a failed connection.
      if (error instanceof Error && error.cause instanceof AccessDeniedError) throw error.cause;
      throw error;
    }
  };
}
