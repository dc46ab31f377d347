import type { Http2Stream } from "node:http2";

/** Resolves once the stream takes more bytes, or is closed and never will. */
export function drained(stream: Http2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.once("drain", done);
    stream.once("close", done);
  });
}
