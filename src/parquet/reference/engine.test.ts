import { expect, test } from "vitest";
import { describeEngine } from "../../../test/support/engine-contract/index.ts";
import { scanColumn } from "../../../test/support/parquet-scan.ts";
import { createReferenceEngine } from "./engine.ts";

describeEngine("reference engine", createReferenceEngine);

test("a dictionary of more than one value of no bytes is refused, since nothing bounds how many it claims", async () => {
  const decimal = { converted: 5, precision: 9, scale: 0 } as const;
  const field = { name: "x", type: "FIXED_LEN_BYTE_ARRAY", typeLength: 0, ...decimal } as const;
  const pages = [
    { page: "dictionary", values: [""], valueCount: 2 ** 31 - 1 },
    { page: "v1", values: [""], encoding: "RLE_DICTIONARY" },
  ] as const;
  await expect(scanColumn(field, { pages }, { engine: createReferenceEngine() })).rejects.toThrow(
    "dictionary of 2147483647 values of no bytes",
  );
});
