import { type CapturePolicy, SourceMissingError, TableError } from "../../../src/model/index.ts";
import { openIceberg } from "../../../src/table/index.ts";
import { memoryStore } from "../../support/memory-store.ts";
import { mutateAvro } from "../avro/mutate.ts";
import { damage } from "../harness/bytes.ts";
import { judge } from "../harness/promised.ts";
import type { Random } from "../harness/random.ts";
import type { FuzzTarget, Outcome } from "../harness/target.ts";
import { damageJson } from "../text/json-tokens.ts";
import { encodePatch, fixtureTables, patchedTable } from "./patch.ts";

/** An Iceberg table with one damaged file of its metadata: the JSON, a manifest list or a manifest. */
export function icebergTarget(): FuzzTarget {
  const tables = fixtureTables("iceberg/fixtures", "metadata/*");
  const files = [...tables].flatMap(([table, contents]) => {
    // Older metadata files aren't read; the last is.
    const newest = [...contents.keys()].filter((name) => name.endsWith(".metadata.json")).at(-1);
    return [...contents]
      .filter(([name]) => name === newest || name.endsWith(".avro"))
      .flatMap(([file, content]) =>
        (file === newest ? [0, 1, 2] : [0]).map(() => ({ table, file, content })),
      );
  });
  return {
    name: "iceberg",
    seedCount: files.length,
    mutant(random) {
      const { table, file, content } = random.pick(files);
      return encodePatch({ table, file, content: mutateFile(random, file, content) });
    },
    run: async (input) => runIceberg(tables, input),
  };
}

function mutateFile(random: Random, file: string, content: Uint8Array): Uint8Array {
  if (file.endsWith(".avro")) return mutateAvro(random, content, content);
  if (random.chance(0.1)) return damage(random, content, content);
  return Buffer.from(damageJson(random, Buffer.from(content).toString()));
}

const POLICY: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "all",
  maxDefaultColumns: 32,
  properties: {},
};
const { signal } = new AbortController();

async function runIceberg(tables: ReturnType<typeof fixtureTables>, input: Uint8Array): Promise<Outcome> {
  const root = (table: string) => `s3://fixtures/${table}`;
  const patched = patchedTable(tables, input, root);
  if (patched === undefined) return { kind: "refused", reason: "no patch" };
  const store = memoryStore(patched.objects);
  const notes: string[] = [];
  try {
    for (const generation of ["inline", "chunked"] as const) {
      const snapshot = await openIceberg({
        store,
        uri: root(patched.table),
        properties: { "iceberg.source": "filesystem" },
        generation,
        snapshotId: "latest",
        policy: POLICY,
        warn: () => notes.push("warned"),
        signal,
      });
      if (snapshot === undefined) return { kind: "accepted", notes: ["without the snapshot"] };
      // Metrics are decoded when they are looked at.
      for (const file of await snapshot.files({ signal })) void file.metrics;
      await snapshot.ndvFromMetadata({ thetaK: 4096, signal });
    }
    return { kind: "accepted", notes };
  } catch (error) {
    return judge(error, "iceberg", [TableError, SourceMissingError]);
  }
}
