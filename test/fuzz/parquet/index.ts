import type { FuzzTarget } from "../harness/target.ts";
import { mutateParquet } from "./mutate.ts";
import { createParquetRun } from "./run.ts";
import { parquetSeeds } from "./seeds.ts";

export function parquetTarget(): FuzzTarget {
  const seeds = parquetSeeds();
  return {
    name: "parquet",
    seedCount: seeds.count,
    mutant: (random) => mutateParquet(random, seeds.pick(random), seeds.pick(random)),
    run: createParquetRun(),
  };
}
