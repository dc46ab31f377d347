import type { BlobFolder } from "./blob-folder.ts";

/** Blobs that workers write themselves, where they share a bucket with the control plane (08 §7.1). */
export interface SharedBlobs {
  /** Undefined: there is none of this key. */
  read(key: string): Promise<Uint8Array | undefined>;
}

/** The folder's own blobs, then the shared ones: those that came in messages are kept in the folder all the same. */
export function withSharedBlobs(folder: BlobFolder, shared: SharedBlobs | undefined): BlobFolder {
  if (shared === undefined) return folder;
  return { ...folder, read: async (key) => (await folder.read(key)) ?? (await shared.read(key)) };
}
