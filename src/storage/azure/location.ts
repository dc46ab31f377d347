import { TableError } from "../../model/index.ts";
import { parseServiceEndpoint, type ServiceEndpoint } from "../http/endpoint.ts";
import { uriEncode } from "../s3/location.ts";

/** Where a blob is: `abfss://container@account.dfs.core.windows.net/key`; what follows the host is the key, literally (08 §5.2). */
export interface AzureLocation {
  readonly account: string;
  readonly container: string;
  readonly key: string;
  /** Host of the account's Blob service. */
  readonly host: string;
  /** `abfss://container@host`, as it was given. */
  readonly containerPath: string;
}

/**
 * Hosts of Azure alone: a table's metadata may name paths in any account, and tokens go nowhere else. `dfs` and `blob` are two
 * doors to the same data, of which we use the second.
 */
const AUTHORITY =
  /^([a-z0-9$](?:[a-z0-9-]{0,62}))@([a-z0-9-]{1,63})\.(?:dfs|blob)\.(core\.windows\.net|core\.chinacloudapi\.cn|core\.usgovcloudapi\.net|fabric\.microsoft\.com)$/i;

export function parseAzurePath(path: string): AzureLocation {
  const [, prefix = "", authority = "", key = ""] =
    /^((?:abfs|wasb)s?:\/\/([^/]*))(?:\/(.*))?$/s.exec(path) ?? [];
  const [, container, account, domain] = AUTHORITY.exec(authority) ?? [];
  if (container === undefined || account === undefined || domain === undefined) {
    throw new TableError(
      `${path} names no container of Azure: abfss://container@account.dfs.core.windows.net/path is needed`,
    );
  }
  const host = `${account}.blob.${domain}`.toLowerCase();
  return { account: account.toLowerCase(), container, key, host, containerPath: prefix };
}

export function azureEndpoint(stated: string | undefined, { host }: AzureLocation): ServiceEndpoint {
  return parseServiceEndpoint(stated ?? `https://${host}`, "AZURE_STORAGE_BLOB_ENDPOINT");
}

/** Path of a request for a blob, or for the container if the key is empty. */
export function azureTarget(basePath: string, { container, key }: AzureLocation): string {
  const containerPath = `${basePath}/${uriEncode(container)}`;
  return key === "" ? containerPath : `${containerPath}/${uriEncode(key)}`;
}
