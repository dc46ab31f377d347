/** What catalogs are asked with on this machine: network settings, the AWS chain, and what the Databricks CLI leaves. */
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { HttpSettings } from "../../http/index.ts";
import { openHttp } from "../../http/index.ts";
import { systemClock, TableError, UsageError } from "../../model/index.ts";
import { mainThreadCredentials, type ReachRules } from "../../storage/index.ts";
import { type CatalogContext, catalogFetch } from "../../table/index.ts";

export interface MachineCatalogs {
  readonly network: HttpSettings;
  readonly reach?: ReachRules | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /**
   * Whether connectors are the user's own words, as on the command line of `capture`: they may then name variables, and any
   * host for `DATABRICKS_TOKEN`. A leased connector is someone else's.
   */
  readonly ownConnectors: boolean;
}

export function machineCatalogs(machine: MachineCatalogs): CatalogContext {
  const { variables, ownConnectors } = machine;
  const variable = (name: string) => variables[name]?.trim() || undefined;
  return {
    fetch: catalogFetch(openHttp(machine.network), machine.reach),
    clock: systemClock,
    random: Math.random,
    awsIdentity: (profile, signal) => mainThreadCredentials({ kind: "chain", ...profile }, { signal }),
    environment: ownConnectors ? (name) => variables[name] : () => undefined,
    databricks: {
      token: variable("DATABRICKS_TOKEN"),
      host: variable("DATABRICKS_HOST"),
      anyHost: ownConnectors,
      readTokenCache,
    },
    glueEndpoint: variable("AWS_ENDPOINT_URL_GLUE") ?? variable("AWS_ENDPOINT_URL"),
  };
}

/** A secret of a connector's: a variable, or the file that `<VARIABLE>_FILE` names. */
export function secretVariable(name: string, variables: MachineCatalogs["variables"]): string | undefined {
  const file = variables[`${name}_FILE`]?.trim();
  if (!file || variables[name] !== undefined) return variables[name];
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new UsageError(`${name}_FILE: ${file} can't be read`, { cause });
  }
}

const MAX_CACHE_BYTES = 1 << 20;

/** Text of the Databricks CLI's token cache; no more than it may hold. */
async function readTokenCache(path: string | undefined, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const file = path?.trim() || join(homedir(), ".databricks", "token-cache.json");
  try {
    await using handle = await open(file, "r");
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_CACHE_BYTES), 0, MAX_CACHE_BYTES, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (cause) {
    throw new TableError(`The Databricks CLI's token cache can't be read: run databricks auth login`, {
      cause,
    });
  }
}
