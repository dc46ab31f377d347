import { SourceMissingError } from "../../src/model/index.ts";
import type { ObjectStore } from "../../src/storage/index.ts";

/** An object store over a plain record of path → content, with the order and the errors of a real one. */
export function memoryStore(
  objects: Readonly<Record<string, string | Uint8Array>>,
): ObjectStore & { readonly opened: string[]; readonly listed: string[] } {
  const contents = new Map(
    Object.entries(objects).map(([path, content]) => [path, Buffer.from(content)] as const),
  );
  const paths = [...contents.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const opened: string[] = [];
  const listed: string[] = [];
  return {
    opened,
    listed,
    async open(path, { signal }) {
      signal.throwIfAborted();
      opened.push(path);
      const content = contents.get(path);
      if (content === undefined) throw new SourceMissingError(`${path} does not exist`);
      const close = async () => {};
      return {
        path,
        size: content.length,
        etag: undefined,
        async read(offset, length) {
          if (offset + length > content.length) throw new Error(`${path}: read past the end`);
          return content.subarray(offset, offset + length);
        },
        close,
        [Symbol.asyncDispose]: close,
      };
    },
    async *list(prefix, { recursive, startAfter }) {
      listed.push(startAfter ?? prefix);
      for (const path of paths) {
        if (!path.startsWith(prefix) || (startAfter !== undefined && path <= startAfter)) continue;
        if (!recursive && path.slice(prefix.length).includes("/")) continue;
        yield { path, size: contents.get(path)?.length ?? 0, lastModifiedMs: 0 };
      }
    },
  };
}
