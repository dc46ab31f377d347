import { decompressInto } from "../../src/parquet/fast/decompress.ts";
import { takeApartV1, takeApartV2 } from "../../src/parquet/fast/page-parts.ts";
import { createSession, type Session } from "../../src/parquet/fast/session.ts";
import type { PageEngine } from "../../src/parquet/index.ts";

/** The fast engine cut short: pages are decompressed, or also taken apart, and no value is looked at. */
export function createStagedEngine(depth: "decompress" | "levels"): PageEngine {
  const idle: Session[] = [];

  return {
    openChunk({ leaf, codec }) {
      const session = idle.pop() ?? createSession(2 ** 30);
      return {
        dictionaryPage(header, body) {
          const mark = session.arena.top;
          decompressInto(session, codec, body, header.uncompressedSize);
          session.arena.release(mark);
        },
        dataPage(header, body) {
          const mark = session.arena.top;
          if (depth === "decompress") decompressInto(session, codec, body, header.uncompressedSize);
          else if (header.type === "data-v1") takeApartV1(session, leaf, codec, header, body).values();
          else if (header.type === "data-v2") takeApartV2(session, leaf, codec, header, body).values();
          session.arena.release(mark);
          return undefined;
        },
        close() {
          idle.push(session);
        },
      };
    },
  };
}
