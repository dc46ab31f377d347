import type { FileGroup, SourceConnector } from "../model/index.ts";

/**
 * The location for which storage credentials are asked (08 §3.1), by generation and source. Undefined: the step is left out
 * and the connector is used as it is.
 */
export function lookupLocation(group: FileGroup): string | undefined {
  const { connector } = group;
  if (connector.kind !== "iceberg" && connector.kind !== "delta") return undefined;
  if (connector.resourceId === undefined) return undefined;
  if (group.generation === "chunked") return s3Location(group.storageLocation);
  const location = s3Location(inlineLocation(connector));
  // A warehouse ends in `/`, unlike every other location.
  return location !== undefined && isRest(connector) ? `${location}/` : location;
}

function isRest(connector: SourceConnector): boolean {
  return connector.kind === "iceberg" && icebergSource(connector) === "rest";
}

function inlineLocation(connector: SourceConnector): string {
  const { properties } = connector;
  if (connector.kind === "delta") {
    return [properties["delta.table-root.hint.location"], properties["delta.table-root"]].find(filled) ?? "";
  }
  switch (icebergSource(connector)) {
    case "filesystem":
      return connector.uri;
    case "rest":
      return warehouseLocation(properties);
    default:
      return "";
  }
}

/** A warehouse that is only named is a bucket where a custom endpoint is set. */
function warehouseLocation(properties: Readonly<Record<string, string>>): string {
  const warehouse = withoutSlashes(properties.warehouse ?? "");
  if (warehouse === "" || s3Location(warehouse) !== undefined) return warehouse;
  return !warehouse.includes("://") && filled(properties["s3.endpoint"]) ? `s3://${warehouse}` : "";
}

/** `iceberg.source` as it is compared; blank is a catalog of its own, Glue (08 §2.1). */
export function icebergSource({ properties }: Pick<SourceConnector, "properties">): string {
  const source = (properties["iceberg.source"] ?? "").trim().toLowerCase();
  return source === "" ? "glue" : source;
}

/** The location rule: trimmed, without slashes at its end, and on S3; the scheme stays as it is written. */
function s3Location(text: string): string | undefined {
  // Bare Parquet names several places, one a line (decision 37): the first stands for them.
  const location = withoutSlashes(text.trim().split("\n", 1)[0] ?? "");
  return /^s3[an]?:\/\//i.test(location) ? location : undefined;
}

function withoutSlashes(text: string): string {
  return text.trim().replace(/\/+$/, "");
}

function filled(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== "";
}
