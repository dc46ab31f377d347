import { TransientReadError } from "../../model/index.ts";
import type { ObjectInfo } from "../object-store.ts";

/** One page of `objects.list` of the JSON API. */
export interface GcsListPage {
  readonly objects: readonly ObjectInfo[];
  /** Token of the next page; undefined at the end. */
  readonly next: string | undefined;
}

export interface GcsListQuery {
  readonly prefix: string;
  readonly recursive: boolean;
  readonly startAfter: string | undefined;
  readonly token: string | undefined;
}

export function gcsListQuery({ prefix, recursive, startAfter, token }: GcsListQuery): string {
  return new URLSearchParams({
    prefix,
    ...(!recursive && { delimiter: "/" }),
    // Google's offset is the first key that is listed.
    ...(startAfter !== undefined && { startOffset: startAfter }),
    ...(token !== undefined && { pageToken: token }),
    fields: "items(name,size,updated),nextPageToken",
  }).toString();
}

/** What can't be understood is an error, not the end of the list; names that end in `/` are folders that a console has made. */
export function parseGcsListPage(
  text: string,
  { bucketPath, startAfter }: { readonly bucketPath: string; readonly startAfter: string | undefined },
): GcsListPage {
  const page = jsonObject(text);
  const { items = [], nextPageToken: next } = page ?? {};
  if (page === undefined || !Array.isArray(items) || (next !== undefined && typeof next !== "string")) {
    throw new TransientReadError(`the list of ${bucketPath} is cut off or is none`);
  }
  const objects: ObjectInfo[] = [];
  for (const item of items) {
    const { name, size, updated } = item ?? {};
    const bytes = typeof size === "string" && /^\d{1,16}$/.test(size) ? Number(size) : Number.NaN;
    if (typeof name !== "string" || !Number.isSafeInteger(bytes)) {
      throw new TransientReadError(`the list of ${bucketPath} has an entry without name or size`);
    }
    if (name.endsWith("/") || name === startAfter) continue;
    const modifiedMs = typeof updated === "string" ? Date.parse(updated) : Number.NaN;
    objects.push({
      path: `${bucketPath}/${name}`,
      size: bytes,
      lastModifiedMs: Number.isNaN(modifiedMs) ? 0 : modifiedMs,
    });
  }
  return { objects, next: next === "" ? undefined : next };
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
