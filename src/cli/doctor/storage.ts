import { openStore, type StoreSettings } from "../../storage/index.ts";
import { formatBytes, formatDuration } from "../terminal/format.ts";
import { type Finding, failed, ok, reasonOf, skipped } from "./check.ts";

const READ_BYTES = 8;

/** One ranged read of a file that the operator names. */
export async function checkStorage(
  path: string | undefined,
  settings: StoreSettings,
  signal: AbortSignal,
): Promise<Finding> {
  if (path === undefined) return skipped("name a file of a table with --storage to try a read");
  const startedMs = performance.now();
  const store = openStore(settings);
  try {
    await using file = await store.open(path, { signal });
    const length = Math.min(READ_BYTES, file.size);
    await file.read(file.size - length, length, { signal });
    return ok(`${path}: ${formatBytes(file.size)}, read in ${formatDuration(performance.now() - startedMs)}`);
  } catch (error) {
    return failed(
      `${path} can't be read: ${reasonOf(error)}`,
      "check the path, the credentials that this machine has for it, endpoint and region",
    );
  } finally {
    store.close();
  }
}
