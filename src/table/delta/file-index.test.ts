import fc from "fast-check";
import { expect, it } from "vitest";
import { FileIndexBuilder } from "./file-index.ts";

const path = (file: number, rowGroup: number, row: number) => `s3://b/t/${file}/${rowGroup}/part-${row}`;

it("names the row groups of the paths that are asked for, and of hardly any other", () => {
  const sizes = fc.array(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }), { maxLength: 6 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 1000 }), (files, seed) => {
      const builder = new FileIndexBuilder();
      const rows: { file: number; rowGroup: number; row: number }[] = [];
      files.forEach((rowGroups, file) => {
        rowGroups.forEach((count, rowGroup) => {
          for (let row = 0; row < count; row++) {
            builder.add(path(file, rowGroup, row), { file, rowGroup });
            rows.push({ file, rowGroup, row });
          }
        });
      });
      const asked = rows.filter((_, i) => (i * 7 + seed) % 11 === 0);
      const places = builder.finish()?.placesOf(asked.map((at) => path(at.file, at.rowGroup, at.row)));
      for (const { file, rowGroup } of rows) {
        const isAsked = asked.some((at) => at.file === file && at.rowGroup === rowGroup);
        expect(places?.has({ file, rowGroup })).toBe(isAsked);
        expect(places?.hasFile(file)).toBe(asked.some((at) => at.file === file));
      }
    }),
  );
});

it("takes eight bytes a file, over several runs", () => {
  const builder = new FileIndexBuilder();
  for (let row = 0; row < 200_000; row++)
    builder.add(path(0, row >> 12, row), { file: 0, rowGroup: row >> 12 });
  const index = builder.finish();
  expect(index?.heldBytes).toBeLessThan(8 * 200_000 + 10_000);
  const places = index?.placesOf([path(0, 3, 3 << 12), path(0, 48, 199_999)]);
  expect(Array.from({ length: 49 }, (_, rowGroup) => places?.has({ file: 0, rowGroup }))).toEqual(
    Array.from({ length: 49 }, (_, rowGroup) => rowGroup === 3 || rowGroup === 48),
  );
});
