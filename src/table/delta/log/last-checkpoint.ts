import { SourceMissingError } from "../../../model/index.ts";
import type { ObjectStore } from "../../../storage/index.ts";
import { isJsonObject } from "./json.ts";

/** `_last_checkpoint` is a short JSON object; anything longer isn't one. */
const MAX_BYTES = 1 << 20;

/**
 * The version that `_last_checkpoint` points to: where a listing to the latest version may begin. It is a hint; a file that
 * can't be understood counts as none.
 */
export async function readLastCheckpointHint(request: {
  readonly store: ObjectStore;
  readonly root: string;
  readonly signal: AbortSignal;
}): Promise<bigint | undefined> {
  const { store, root, signal } = request;
  try {
    await using file = await store.open(`${root}/_delta_log/_last_checkpoint`, { signal });
    if (file.size > MAX_BYTES) return undefined;
    const bytes = await file.read(0, file.size, { signal });
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const version = isJsonObject(parsed) ? parsed.version : undefined;
    return typeof version === "number" && Number.isSafeInteger(version) && version >= 0
      ? BigInt(version)
      : undefined;
  } catch (error) {
    if (error instanceof SourceMissingError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
