import { TableError } from "../../../model/index.ts";
import type { ObjectStore } from "../../../storage/index.ts";

/** How much of a log file is in memory at a time, beside the line that is being put together. */
const WINDOW_BYTES = 4 << 20;
/** A single action beyond this is damage, or an attack. */
const MAX_LINE_BYTES = 256 << 20;

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

/** The non-empty lines of a text file, window by window. */
export async function* readLines(
  store: Pick<ObjectStore, "open">,
  path: string,
  options: { readonly signal: AbortSignal; readonly windowBytes?: number },
): AsyncGenerator<Line> {
  const { signal, windowBytes = WINDOW_BYTES } = options;
  await using file = await store.open(path, { signal });
  let rest: Buffer[] = [];
  let restBytes = 0;
  let number = 0;
  for (let offset = 0; offset < file.size; offset += windowBytes) {
    const length = Math.min(windowBytes, file.size - offset);
    const window = bufferOf(await file.read(offset, length, { signal }));
    let start = 0;
    for (;;) {
      const end = window.indexOf(0x0a, start);
      if (end < 0) break;
      number++;
      const text =
        rest.length === 0
          ? window.toString("utf8", start, end)
          : Buffer.concat([...rest, window.subarray(start, end)]).toString();
      rest = [];
      restBytes = 0;
      start = end + 1;
      if (text.trim() !== "") yield { text, number };
    }
    if (start < window.length) {
      rest.push(window.subarray(start));
      restBytes += window.length - start;
    }
    if (restBytes > MAX_LINE_BYTES) {
      throw new TableError(`${path}, line ${number + 1}: longer than ${MAX_LINE_BYTES} bytes`);
    }
  }
  const text = Buffer.concat(rest).toString();
  if (text.trim() !== "") yield { text, number: number + 1 };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
