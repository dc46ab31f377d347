import { TableError } from "../../../src/model/index.ts";
import { cursorOver, DamagedAvroError, openAvro } from "../../../src/table/iceberg/avro/index.ts";
import { readValue, skipValue } from "../../../src/table/iceberg/avro/value.ts";
import { parseManifest, readEntry } from "../../../src/table/iceberg/manifests/manifest.ts";
import { parseManifestList } from "../../../src/table/iceberg/manifests/manifest-list.ts";
import { avroFile } from "../../support/avro-builder.ts";
import { judge } from "../harness/promised.ts";
import type { Fault, FuzzTarget, Outcome } from "../harness/target.ts";
import { fixtureTables } from "../table/patch.ts";
import { mutateAvro } from "./mutate.ts";

/** Avro containers by themselves: every value of every block, and the same file as a manifest and as a manifest list. */
export function avroTarget(): FuzzTarget {
  const seeds = [...fixtureTables("iceberg/fixtures", "metadata/*.avro").values()].flatMap((files) => [
    ...files.values(),
  ]);
  seeds.push(...builtSeeds());
  return {
    name: "avro",
    seedCount: seeds.length,
    mutant: (random) => mutateAvro(random, random.pick(seeds), random.pick(seeds)),
    run: runAvro,
  };
}

function builtSeeds(): Uint8Array[] {
  const schema = {
    type: "record",
    name: "r",
    fields: [
      { name: "a", type: ["null", "long"] },
      { name: "b", type: { type: "array", items: "string" } },
      { name: "c", type: { type: "array", items: ["null", "bytes"] } },
      { name: "d", type: "double" },
      { name: "e", type: "boolean" },
    ],
  };
  const objects = [
    { a: 1, b: ["x", "yy"], c: [Buffer.from("v"), null], d: 0.5, e: true },
    { a: null, b: [], c: [], d: -1, e: false },
  ];
  return ["null", "deflate", "snappy", "zstandard"].map((codec) =>
    avroFile(schema, objects, { codec, blockObjects: 1 }),
  );
}

const PATH = "hostile.avro";
/** A few bytes may hold as many objects without content. */
const MAX_OBJECTS = 20_000;

async function runAvro(input: Uint8Array): Promise<Outcome> {
  const values = attempt("values", () => readAll(input));
  if (values?.kind === "finding") return values;
  const manifest = attempt("manifest", () => {
    const found = parseManifest(input, PATH);
    for (const place of found.entries) readEntry(found, place);
    return undefined;
  });
  if (manifest?.kind === "finding") return manifest;
  const list = attempt("manifest list", () => {
    parseManifestList(input, PATH);
    return undefined;
  });
  return list?.kind === "finding" ? list : (values ?? { kind: "accepted" });
}

function attempt(
  during: string,
  run: () => Fault | undefined,
): Exclude<Outcome, { kind: "accepted" }> | undefined {
  try {
    return run();
  } catch (error) {
    return judge(error, during, [TableError, DamagedAvroError]);
  }
}

/** Reading a value and passing over it must end at the same place. */
function readAll(input: Uint8Array): Fault | undefined {
  const { schema, blocks } = openAvro(input, PATH, new Map());
  let objects = 0;
  for (const { objectCount, bytes } of blocks) {
    const reading = cursorOver(bytes);
    const skipping = cursorOver(bytes);
    for (let index = 0; index < objectCount && objects < MAX_OBJECTS; index++, objects++) {
      readValue(reading, schema);
      skipValue(skipping, schema);
      if (reading.offset !== skipping.offset) {
        return {
          kind: "finding",
          what: "reading and skipping an Avro value end apart",
          detail: `at ${reading.offset} and at ${skipping.offset} of a block`,
        };
      }
    }
  }
  return undefined;
}
