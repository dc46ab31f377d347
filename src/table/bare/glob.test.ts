import { expect, it } from "vitest";
import { parseGlob } from "./glob.ts";

const matches = (pattern: string, path: string) => parseGlob(pattern)?.matchRest(path);

it("is no glob without a wildcard", () => {
  expect(parseGlob("/data/a(b)+c.parquet")).toBeUndefined();
});

it("lists from the folder in front of the first wildcard", () => {
  expect(parseGlob("/data/x/a*/y")?.base).toBe("/data/x/");
  expect(parseGlob("s3://b/*.parquet")?.base).toBe("s3://b/");
});

it.each([
  ["/d/*.parquet", "/d/a.parquet", ""],
  ["/d/*.parquet", "/d/x/a.parquet", undefined],
  ["/d/**/*.parquet", "/d/a.parquet", ""],
  ["/d/**/*.parquet", "/d/x/y/a.parquet", ""],
  ["/d/**", "/d/x/y/a", ""],
  ["/d/a?", "/d/ab", ""],
  ["/d/a?", "/d/a/", undefined],
  ["/d/[a-c]x", "/d/bx", ""],
  ["/d/[!a-c]x", "/d/bx", undefined],
  ["/d/[!a-c]x", "/d/zx", ""],
  ["/d/{a,b*}.parquet", "/d/bcd.parquet", ""],
  ["/d/{a,b}.parquet", "/d/c.parquet", undefined],
  ["/d/a,*", "/d/a,b", ""],
  ["/d/\\**", "/d/*x", ""],
  ["/d/\\**", "/d/ax", undefined],
  ["/d.x/*", "/d-x/a", undefined],
  ["/d/dt=*", "/d/dt=1/h=2/a.parquet", "h=2/a.parquet"],
])("%s on %s leaves %j", (pattern, path, rest) => {
  expect(matches(pattern, path)).toBe(rest);
});
