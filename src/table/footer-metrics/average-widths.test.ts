import { expect, it } from "vitest";
import { footerOf } from "../../../test/support/footer-builder.ts";
import { averageWidths } from "./average-widths.ts";

const leaf = (...path: string[]) => ({ path, physicalType: "INT64" }) as const;

it("05 T19, 04 T71: rounds up, is at least 1, and sums row groups", () => {
  const width = (...groups: [bytes: number, rows: number][]) =>
    averageWidths(
      footerOf({
        leaves: [leaf("c")],
        rowGroups: groups.map(([uncompressedSize, rows]) => ({ rows, chunks: [{ uncompressedSize }] })),
      }),
      ["c"],
    ).get("c");
  expect(width([500, 1000])).toBe(1n);
  expect(width([300, 1000], [400, 1000])).toBe(1n);
  expect(width([271, 60])).toBe(5n);
  expect(width([53, 3])).toBe(18n);
  expect(width([35, 3])).toBe(12n);
  expect(width([0, 10])).toBe(1n);
  expect(width([10, 0])).toBeUndefined();
  expect(width()).toBeUndefined();
});

it("05 §12 sums the leaves of a struct by its first path component", () => {
  const footer = footerOf({
    leaves: [leaf("meta", "a"), leaf("meta", "b"), leaf("meta", "c"), leaf("a")],
    rowGroups: [{ rows: 20, chunks: [111, 171, 191, 40].map((uncompressedSize) => ({ uncompressedSize })) }],
  });
  expect(averageWidths(footer, ["meta", "a", "missing"])).toEqual(
    new Map([
      ["meta", 24n],
      ["a", 2n],
    ]),
  );
});

it("07 T49 gives no width to names that are blank or given twice", () => {
  const footer = footerOf({
    leaves: [leaf("name"), leaf(" ")],
    rowGroups: [{ rows: 1, chunks: [{ uncompressedSize: 5 }, { uncompressedSize: 5 }] }],
  });
  expect(averageWidths(footer, ["name", "name", " "])).toEqual(new Map());
});
