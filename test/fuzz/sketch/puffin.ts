import { zstdCompressSync } from "node:zlib";
import {
  PuffinFormatError,
  readPuffinBlob,
  readPuffinFooter,
} from "../../../src/table/iceberg/puffin-file.ts";
import { puffinNdv } from "../../../src/table/iceberg/puffin-ndv.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { concat, uint32 } from "../../support/parquet-encodings.ts";
import { damage } from "../harness/bytes.ts";
import { judge } from "../harness/promised.ts";
import type { Random } from "../harness/random.ts";
import type { FuzzTarget, Outcome } from "../harness/target.ts";
import { damageJson } from "../text/json-tokens.ts";
import { thetaSeeds } from "./theta.ts";

/** Puffin files: what is wrong with one costs its figure and nothing else (decision 34), and the figure is never a wrong number. */
export function puffinTarget(): FuzzTarget {
  const sketches = thetaSeeds();
  return {
    name: "puffin",
    seedCount: sketches.length,
    mutant: (random) => puffinMutant(random, sketches),
    run: runPuffin,
  };
}

const MAGIC = Buffer.from("PFA1");

function puffinMutant(random: Random, sketches: readonly Uint8Array[]): Uint8Array {
  const blobs = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => {
    const sketch = random.pick(sketches);
    const data = random.chance(0.3) ? damage(random, sketch, sketch) : sketch;
    const codec = random.pick([undefined, undefined, "zstd", "lz4"]);
    return { codec, stored: codec === "zstd" ? zstdCompressSync(data) : data };
  });
  let offset = MAGIC.length;
  const described = blobs.map(({ codec, stored }) => {
    const place = { offset, length: stored.length };
    offset += stored.length;
    const compression = codec === undefined ? {} : { "compression-codec": codec };
    return {
      type: "apache-datasketches-theta-v1",
      fields: [1],
      "snapshot-id": 7,
      ...place,
      ...compression,
      properties: { ndv: "3" },
    };
  });
  const json = JSON.stringify({ blobs: described });
  const payload = Buffer.from(random.chance(0.6) ? damageJson(random, json) : json);
  const flags = random.chance(0.05) ? 1 : 0;
  const file = concat([
    MAGIC,
    ...blobs.map(({ stored }) => stored),
    MAGIC,
    payload,
    uint32(random.chance(0.05) ? random.pick([0, payload.length + 1, 2 ** 31, 2 ** 32 - 1]) : payload.length),
    Uint8Array.of(flags, 0, 0, 0),
    MAGIC,
  ]);
  return random.chance(0.2) ? damage(random, file, file) : file;
}

const { signal } = new AbortController();

async function runPuffin(input: Uint8Array): Promise<Outcome> {
  const warnings: string[] = [];
  const figures = await puffinNdv(
    {
      store: memoryStore({ "s.puffin": input }),
      snapshotId: 7n,
      statistics: [{ "snapshot-id": 7, "statistics-path": "s.puffin" }],
      columns: [{ fieldId: 1, columnId: 1n, name: "a" }],
      thetaK: 4096,
      warn: (message) => warnings.push(message),
    },
    signal,
  );
  const estimate = figures?.get(1n)?.estimate ?? 0;
  if (!Number.isFinite(estimate) || estimate < 0) {
    return { kind: "finding", what: "an estimate that is no number", detail: String(estimate) };
  }
  // The reasons behind the warnings: a mistake of ours must not pass for a damaged file.
  try {
    for (const blob of readPuffinFooter(input)) readPuffinBlob(input, blob);
  } catch (error) {
    return judge(error, "puffin", [PuffinFormatError]);
  }
  return { kind: "accepted", notes: warnings.length > 0 ? ["a blob is left out"] : [] };
}
