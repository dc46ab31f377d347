import { describe, expect, it } from "vitest";
import type { PageBounds, PageIndexRow } from "../../model/index.ts";
import { type ColumnView, parsePredicate } from "../../pruning/index.ts";
import { pagesOf } from "../../pruning/testing.ts";
import type { HttpAnswer } from "../http/server.ts";
import { columnPicture, columnSummaries } from "./column-picture.ts";
import { pruningPower } from "./pruning-power.ts";
import { pictureRoutes } from "./routes.ts";
import type { FileIndex, IndexSource } from "./source.ts";

const i64 = (min: bigint, max: bigint): PageBounds => ({ kind: "i64", min, max });
const utf8 = (min: string, max: string): PageBounds => ({ kind: "utf8", min, max });

function indexOf(rows: readonly PageIndexRow[], views: Readonly<Record<string, ColumnView>> = {}): FileIndex {
  return { rows, views: new Map(Object.entries(views)), types: new Map([["x", "INT"]]) };
}

const X = pagesOf("x", [i64(0n, 10n), i64(10n, 20n), i64(20n, 40n)]);
const Y = pagesOf("y", [utf8("b", "d"), undefined, utf8("a", "c")]);

describe("the picture of a column", () => {
  it("places numbers by value, between the column's smallest and largest", () => {
    const picture = columnPicture("f", "x", indexOf(X), undefined);
    expect(picture).toMatchObject({
      scale: "value",
      low: "0",
      high: "40",
      rowCount: 30,
      type: "INT",
      keptPages: null,
    });
    expect(picture?.bands.map(({ range }) => [range?.bottom, range?.top])).toEqual([
      [0, 0.25],
      [0.25, 0.5],
      [0.5, 1],
    ]);
  });

  it("places texts by their order, and a page without values nowhere", () => {
    const picture = columnPicture("f", "y", indexOf(Y), undefined);
    expect(picture).toMatchObject({ scale: "rank", low: "a", high: "d", clustering: 0 });
    expect(picture?.bands.map(({ range }) => range && [range.bottom, range.top])).toEqual([
      [1 / 3, 1],
      null,
      [0, 2 / 3],
    ]);
  });

  it("shows dates and timestamps as such, by the column's view", () => {
    const dates = pagesOf("x", [{ kind: "i32", min: 0, max: 59 }]);
    expect(columnPicture("f", "x", indexOf(dates, { x: { kind: "date" } }), undefined)).toMatchObject({
      low: "1970-01-01",
      high: "1970-03-01",
    });
    const view = { kind: "timestamp", perSecond: 1_000n, utc: true } as const;
    expect(
      columnPicture("f", "x", indexOf(pagesOf("x", [i64(0n, 1500n)]), { x: view }), undefined),
    ).toMatchObject({
      low: "1970-01-01 00:00:00Z",
      high: "1970-01-01 00:00:01.500Z",
    });
  });

  it("lets row groups follow one another", () => {
    const second = pagesOf("x", [i64(0n, 1n)], { rowGroup: 1 });
    const picture = columnPicture("f", "x", indexOf([...X, ...second]), undefined);
    expect(picture?.rowGroups).toEqual([0, 30]);
    expect(picture?.bands.at(-1)).toMatchObject({ rowGroup: 1, page: 0, firstRow: 30 });
  });

  it("says which pages a filter leaves", () => {
    const index = indexOf([...X, ...Y]);
    const kept = Uint8Array.of(1, 0, 0, 1, 1, 0);
    expect(columnPicture("f", "x", index, kept)?.bands.map((band) => band.kept)).toEqual([
      true,
      false,
      false,
    ]);
    expect(columnSummaries(index, kept).map(({ name, keptPages }) => [name, keptPages])).toEqual([
      ["x", 1],
      ["y", 2],
    ]);
  });

  it("joins neighbours where there are more pages than can be told apart", () => {
    const many = pagesOf(
      "x",
      Array.from({ length: 5_000 }, (_, i) => i64(BigInt(i), BigInt(i + 1))),
    );
    const kept = new Uint8Array(5_000);
    kept[4] = 1;
    const picture = columnPicture("f", "x", indexOf(many), kept);
    expect(picture?.pagesPerBand).toBe(3);
    expect(picture?.bands).toHaveLength(Math.ceil(5_000 / 3));
    expect(picture?.bands[1]).toMatchObject({ page: 3, rows: 30, range: { min: "3", max: "6" }, kept: true });
  });

  it("is left out for NaN bounds, and keeps infinite ones", () => {
    const f64 = (min: number, max: number): PageBounds => ({ kind: "f64", min, max });
    const rows = pagesOf("x", [f64(Number.NaN, Number.NaN), f64(1, Number.POSITIVE_INFINITY), f64(0, 1)]);
    const picture = columnPicture("f", "x", indexOf(rows), undefined);
    expect(picture).toMatchObject({ scale: "rank", low: "0", high: "Infinity" });
    expect(picture?.bands[0]?.range).toBeNull();
  });
});

describe("the API of the picture", () => {
  const source: IndexSource = {
    tables: async () => [{ key: "t", name: "orders", snapshotId: "7", fileCount: 2 }],
    files: async (key) =>
      key === "t"
        ? [
            { path: "s3://b/1.parquet", version: "1", load: async () => indexOf([...X, ...Y]) },
            {
              path: "s3://b/2.parquet",
              version: "1",
              load: async () => indexOf(pagesOf("x", [i64(90n, 99n)])),
            },
          ]
        : undefined,
  };
  const routes = pictureRoutes(source);

  async function ask(path: string, query: Readonly<Record<string, string>> = {}) {
    const route = routes.get(path);
    if (route === undefined) throw new Error(`no route ${path}`);
    const { status, body }: HttpAnswer = await route.handle({
      path,
      query: new URLSearchParams(query),
      signal: new AbortController().signal,
    });
    return { status, body: JSON.parse(String(body)) };
  }

  it("lists tables and files", async () => {
    expect((await ask("/api/tables")).body.tables).toMatchObject([{ key: "t", fileCount: 2 }]);
    expect((await ask("/api/table", { table: "t", from: "1" })).body).toEqual({
      fileCount: 2,
      files: [{ file: 1, path: "s3://b/2.parquet" }],
    });
  });

  it("says what a filter leaves of the whole table", async () => {
    const { body } = await ask("/api/table/filter", { table: "t", filter: "x < 10" });
    expect(body).toMatchObject({
      files: { all: 2, kept: 1 },
      pages: { all: 7, kept: 2 },
      bytes: { all: 700, kept: 200 },
      rows: { all: 40, kept: 10 },
      perColumn: [
        { name: "x", pages: { all: 4, kept: 1 } },
        { name: "y", pages: { all: 3, kept: 1 } },
      ],
      filesLeftOut: 0,
    });
  });

  it("counts a dictionary page once, and only where a page that is left needs it", async () => {
    const dictionary = {
      requiresDictionaryPage: true,
      dictionaryPageHeaderOffset: 4n,
      dictionaryPageTotalCompressedSize: 1_000,
    };
    const rows = [
      ...pagesOf("x", [i64(0n, 10n), i64(11n, 20n)], dictionary),
      ...pagesOf("y", [i64(0n, 9n), i64(50n, 60n)]),
    ];
    const power = async (filter: string) =>
      await pruningPower(
        [{ path: "f", version: "1", load: async () => indexOf(rows) }],
        parsePredicate(filter),
        new AbortController().signal,
      );
    expect((await power("x < 5")).bytes).toEqual({ all: 1_400, kept: 1_200 });
    expect((await power("x > 99")).bytes).toEqual({ all: 1_400, kept: 0 });
  });

  it("names what a filter can't decide", async () => {
    const { body } = await ask("/api/file", { table: "t", file: "0", filter: "x < 10 AND z = 1" });
    expect(body).toMatchObject({ undecided: ["z has no page index here"], rows: { all: 30, kept: 10 } });
  });

  it("answers a filter that can't be read with the place where it stops being one", async () => {
    expect(await ask("/api/file", { table: "t", file: "0", filter: "x <" })).toMatchObject({
      status: 400,
      body: { at: 3, error: expect.stringContaining("a value") },
    });
  });

  it("answers what isn't there with 404", async () => {
    for (const query of [
      { table: "u", file: "0" },
      { table: "t", file: "9" },
      { table: "t", file: "0", column: "none" },
    ]) {
      expect((await ask("/api/column", query)).status).toBe(404);
    }
  });
});
