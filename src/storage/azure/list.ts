import { TransientReadError } from "../../model/index.ts";
import type { ObjectInfo } from "../object-store.ts";
import { elements, elementText } from "../s3/xml.ts";

/** One page of List Blobs. */
export interface AzureListPage {
  readonly blobs: readonly ObjectInfo[];
  /** Marker of the next page; undefined at the end. */
  readonly next: string | undefined;
}

export function azureListQuery(options: {
  readonly prefix: string;
  readonly recursive: boolean;
  readonly marker: string | undefined;
}): [string, string][] {
  const { prefix, recursive, marker } = options;
  const query: [string, string][] = [
    ["restype", "container"],
    ["comp", "list"],
    // Folders of a hierarchical namespace are told by it.
    ["include", "metadata"],
    ["prefix", prefix],
  ];
  if (!recursive) query.push(["delimiter", "/"]);
  if (marker !== undefined) query.push(["marker", marker]);
  return query;
}

/** What is cut off is an error, not the end of the list; folders are no files. */
export function parseAzureListPage(xml: string, containerPath: string): AzureListPage {
  if (!xml.trimEnd().endsWith("</EnumerationResults>")) {
    throw new TransientReadError(`the list of ${containerPath} is cut off or is none`);
  }
  const blobs: ObjectInfo[] = [];
  for (const item of elements(xml, "Blob")) {
    const name = nameOf(item);
    const size = Number(elementText(item, "Content-Length") ?? Number.NaN);
    if (name === undefined || !Number.isSafeInteger(size) || size < 0) {
      throw new TransientReadError(`the list of ${containerPath} has an entry without name or size`);
    }
    const isFolder =
      name.endsWith("/") ||
      elementText(item, "ResourceType") === "directory" ||
      elementText(item, "hdi_isfolder") === "true";
    if (isFolder) continue;
    const modifiedMs = Date.parse(elementText(item, "Last-Modified") ?? "");
    blobs.push({
      path: `${containerPath}/${name}`,
      size,
      lastModifiedMs: Number.isNaN(modifiedMs) ? 0 : modifiedMs,
    });
  }
  const next = elementText(xml, "NextMarker");
  return { blobs, next: next === "" ? undefined : next };
}

/** A name that XML can't hold comes percent-encoded, and says so. */
function nameOf(item: string): string | undefined {
  const name = elementText(item, "Name");
  if (name === undefined || !/<Name\s+Encoded="true"/i.test(item)) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
