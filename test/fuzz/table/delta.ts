import {
  type CapturePolicy,
  SourceMissingError,
  TableError,
  UnreadableFileError,
} from "../../../src/model/index.ts";
import { openDelta } from "../../../src/table/index.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { damage } from "../harness/bytes.ts";
import { judge } from "../harness/promised.ts";
import type { Random } from "../harness/random.ts";
import type { FuzzTarget, Outcome } from "../harness/target.ts";
import { mutateParquet } from "../parquet/mutate.ts";
import { damageJson } from "../text/json-tokens.ts";
import { encodePatch, fixtureTables, patchedTable } from "./patch.ts";

/** A Delta log with one damaged file: a commit, a checkpoint of any form, a sidecar of one, or `_last_checkpoint`. */
export function deltaTarget(): FuzzTarget {
  const tables = fixtureTables("delta", "_delta_log/**/*");
  const files = [...tables].flatMap(([table, contents]) =>
    [...contents].map(([file, content]) => ({ table, file, content })),
  );
  return {
    name: "delta",
    seedCount: files.length,
    mutant(random) {
      const { table, file, content } = random.pick(files);
      return encodePatch({ table, file, content: mutateLogFile(random, file, content) });
    },
    run: async (input) => runDelta(tables, input),
  };
}

function mutateLogFile(random: Random, file: string, content: Uint8Array): Uint8Array {
  if (file.endsWith(".parquet")) return mutateParquet(random, content, content);
  if (random.chance(0.15)) return damage(random, content, content);
  return Buffer.from(damageJson(random, Buffer.from(content).toString()));
}

const ROOT = "s3://b/t";
const POLICY: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "all",
  maxDefaultColumns: 32,
  properties: {},
};
const { signal } = new AbortController();

async function runDelta(tables: ReturnType<typeof fixtureTables>, input: Uint8Array): Promise<Outcome> {
  const patched = patchedTable(tables, input, () => ROOT);
  if (patched === undefined) return { kind: "refused", reason: "no patch" };
  const store = memoryStore(patched.objects);
  try {
    for (const generation of ["inline", "chunked"] as const) {
      const snapshot = await openDelta({
        root: ROOT,
        version: "latest",
        store,
        policy: POLICY,
        generation,
        fullRescan: false,
        signal,
      });
      await snapshot.files({ signal });
      for (const name of ["id", "#1", ""]) snapshot.locateColumn(name);
    }
    return { kind: "accepted" };
  } catch (error) {
    return judge(error, "delta", [TableError, SourceMissingError, UnreadableFileError]);
  }
}
