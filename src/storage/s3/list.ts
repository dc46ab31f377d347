import { TransientReadError } from "../../model/index.ts";
import type { ObjectInfo } from "../object-store.ts";
import { elements, elementText } from "./xml.ts";

/** One page of ListObjectsV2. */
export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** Token of the next page; undefined at the end. */
  readonly next: string | undefined;
}

interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly lastModifiedMs: number;
}

/** Parses an answer. What is cut off or says that it goes on without saying how is an error, not the end of the list. */
export function parseListPage(xml: string, path: string): ListPage {
  if (!xml.trimEnd().endsWith("</ListBucketResult>")) {
    throw new TransientReadError(`the list of ${path} is cut off or is none`);
  }
  const objects: ListedObject[] = [];
  for (const item of elements(xml, "Contents")) {
    const key = elementText(item, "Key");
    const size = Number(elementText(item, "Size") ?? Number.NaN);
    if (key === undefined || !Number.isSafeInteger(size) || size < 0) {
      throw new TransientReadError(`the list of ${path} has an entry without key or size`);
    }
    const lastModifiedMs = Date.parse(elementText(item, "LastModified") ?? "");
    objects.push({ key, size, lastModifiedMs: Number.isNaN(lastModifiedMs) ? 0 : lastModifiedMs });
  }
  const next = elementText(xml, "NextContinuationToken");
  const truncated = elementText(xml, "IsTruncated") === "true";
  if (truncated && (next === undefined || next === "")) {
    throw new TransientReadError(`the list of ${path} goes on, but doesn't say how`);
  }
  return { objects, next: truncated ? next : undefined };
}

/** Query of one page. */
export function listQuery(options: {
  readonly prefix: string;
  readonly recursive: boolean;
  readonly startAfter: string | undefined;
  readonly token: string | undefined;
}): [string, string][] {
  const query: [string, string][] = [
    ["list-type", "2"],
    ["prefix", options.prefix],
  ];
  if (!options.recursive) query.push(["delimiter", "/"]);
  if (options.token !== undefined) query.push(["continuation-token", options.token]);
  else if (options.startAfter !== undefined) query.push(["start-after", options.startAfter]);
  return query;
}

/** Objects as the port names them; keys that end in `/` are folders that a console has made, and no files. */
export function* objectInfos(page: ListPage, bucketPath: string): Generator<ObjectInfo> {
  for (const { key, size, lastModifiedMs } of page.objects) {
    if (!key.endsWith("/")) yield { path: `${bucketPath}/${key}`, size, lastModifiedMs };
  }
}
