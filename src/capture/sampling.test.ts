import { describe, expect, test } from "vitest";
import { createSampler } from "./sampling.ts";

function sampledFiles(fileCount: number, settings: Parameters<typeof createSampler>[0]): boolean[] {
  const isNextSampled = createSampler(settings);
  return Array.from({ length: fileCount }, () => isNextSampled());
}

describe("sampling of files for distinct values (05 §7.5)", () => {
  test("05 T32: fraction 0.5 keeps files 2, 3, 4, 6 of the first seven", () => {
    const sampled = sampledFiles(7, { fraction: 0.5, maxFiles: 0 });
    expect(sampled.flatMap((kept, ordinal) => (kept ? [ordinal + 1] : []))).toEqual([2, 3, 4, 6]);
  });

  test("without a fraction every file up to the limit is scanned", () => {
    expect(sampledFiles(4, { fraction: 1, maxFiles: 3 })).toEqual([true, true, true, false]);
    expect(sampledFiles(3, { fraction: 1, maxFiles: 0 })).toEqual([true, true, true]);
  });

  test("the limit comes before the draw", () => {
    expect(sampledFiles(7, { fraction: 0.5, maxFiles: 3 })).toEqual([
      false,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
