import { TableError } from "../../../model/index.ts";
import type { ConnectorOptions } from "../options.ts";

/** What stands between the levels of a namespace, unless the catalog names another. */
const SEPARATOR = "%1F";

/** Path of a table below the catalog's uri (04 §3.6). The prefix stands in it verbatim. */
export function tablePath(properties: ConnectorOptions, namespace: string, table: string): string {
  return `${namespacePath(properties, namespace)}/tables/${pathSegment(table)}?snapshots=all`;
}

/** Path of a namespace. */
export function namespacePath(properties: ConnectorOptions, namespace: string): string {
  const prefix = properties.prefix === undefined ? "" : `${properties.prefix}/`;
  const levels = namespaceLevels(namespace)
    .map(pathSegment)
    .join(properties["namespace-separator"] ?? SEPARATOR);
  return `v1/${prefix}namespaces/${levels}`;
}

/** Split at every dot, trailing empty parts dropped: a level holds none. */
function namespaceLevels(namespace: string): string[] {
  const levels = namespace.split(".");
  while (levels.at(-1) === "") levels.pop();
  return levels.length === 0 ? [""] : levels;
}

/**
 * One segment, a space as `%20`. The reference writes `+`, which a server may read as a plus sign (may improve). A segment of
 * dots alone would change the path, however it is written.
 */
function pathSegment(name: string): string {
  if (name === "" || name === "." || name === ".." || !name.isWellFormed()) {
    throw new TableError(`${JSON.stringify(name)} can't stand in the path of a REST catalog`);
  }
  return encodeURIComponent(name);
}
