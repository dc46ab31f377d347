import { TableError } from "../../model/index.ts";
import type { ObjectStore } from "../../storage/object-store.ts";

/** Metadata files and manifests are read whole; larger ones than this are no table's. */
export const MAX_OBJECT_BYTES = 512 * 2 ** 20;

/** All bytes of one metadata object. */
export async function readObject(store: ObjectStore, path: string, signal: AbortSignal): Promise<Uint8Array> {
  await using object = await store.open(path, { signal });
  if (object.size > MAX_OBJECT_BYTES) {
    throw new TableError(
      `${path} has ${object.size} bytes; at most ${MAX_OBJECT_BYTES} are read of a metadata file`,
    );
  }
  return await object.read(0, object.size, { signal });
}
