import { badArgument } from "../errors/index.ts";
import type { Job } from "../jobs/index.ts";

/** Where a listing goes on: after the last job of the page, newest first. Opaque to clients. */
export function pageToken(last: Job): string {
  return Buffer.from(`${last.createdAtMs}:${last.jobId}`).toString("base64url");
}

/** Undefined for a first page. */
export function parsePageToken(
  token: string,
): { readonly createdAtMs: number; readonly jobId: string } | undefined {
  if (token === "") return undefined;
  const match = /^(\d{1,15}):(.+)$/s.exec(Buffer.from(token, "base64url").toString());
  if (match === null) throw badArgument("invalid page token");
  return { createdAtMs: Number(match[1]), jobId: match[2] ?? "" };
}
