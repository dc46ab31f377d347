import type { ByteSource } from "../model/index.ts";
import type { ObjectHandle } from "../storage/index.ts";
import type { TaskProgress } from "./task.ts";

/**
 * A byte source that counts what is read of it, for progress and for the number of requests a file costs. A store that fetches
 * ahead and joins reads counts itself.
 */
export interface CountingSource extends ByteSource {
  bytesRead(): number;
  requests(): number;
}

export function countingSource(
  source: ByteSource & Pick<ObjectHandle, "cost">,
  onProgress: (progress: TaskProgress) => void,
): CountingSource {
  let bytesRead = 0;
  let requests = 0;
  const { readInto, willRead } = source;
  const cost = () => source.cost?.() ?? { requests, bytes: bytesRead };
  return {
    path: source.path,
    size: source.size,
    readsInPlace: source.readsInPlace ?? false,
    bytesRead: () => cost().bytes,
    requests: () => cost().requests,
    async read(offset, length, options) {
      requests++;
      const bytes = await source.read(offset, length, options);
      bytesRead += bytes.length;
      onProgress({ bytesRead: cost().bytes });
      return bytes;
    },
    ...(readInto && {
      async readInto(offset, target, options) {
        requests++;
        await readInto.call(source, offset, target, options);
        bytesRead += target.length;
        onProgress({ bytesRead: cost().bytes });
      },
    }),
    ...(willRead && { willRead: (ranges) => willRead.call(source, ranges) }),
  };
}
