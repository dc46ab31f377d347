import type { ByteSource } from "../model/index.ts";
import type { TaskProgress } from "./task.ts";

/** A byte source that counts what is read of it, for progress and for the number of requests a file costs. */
export interface CountingSource extends ByteSource {
  bytesRead(): number;
  requests(): number;
}

export function countingSource(
  source: ByteSource,
  onProgress: (progress: TaskProgress) => void,
): CountingSource {
  let bytesRead = 0;
  let requests = 0;
  const { readInto } = source;
  return {
    path: source.path,
    size: source.size,
    bytesRead: () => bytesRead,
    requests: () => requests,
    async read(offset, length, options) {
      requests++;
      const bytes = await source.read(offset, length, options);
      bytesRead += bytes.length;
      onProgress({ bytesRead });
      return bytes;
    },
    ...(readInto && {
      async readInto(offset, target, options) {
        requests++;
        await readInto.call(source, offset, target, options);
        bytesRead += target.length;
        onProgress({ bytesRead });
      },
    }),
  };
}
