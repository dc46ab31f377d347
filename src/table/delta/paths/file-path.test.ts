import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { absoluteFilePath, fileActionKey } from "./file-path.ts";
import { parseTableRoot } from "./table-root.ts";

const root = parseTableRoot("s3://b/t");

describe("05 §5 and T1: from add.path to the planned path", () => {
  it.each([
    ["part-0.parquet", "s3://b/t/part-0.parquet"],
    ["p=a%20b/x.parquet", "s3://b/t/p=a b/x.parquet"],
    ["p=a%2520b/x.parquet", "s3://b/t/p=a%20b/x.parquet"],
    ["p=a%2Fb/x.parquet", "s3://b/t/p=a/b/x.parquet"],
    ["p=a+b/x.parquet", "s3://b/t/p=a+b/x.parquet"],
    ["p=%C3%A9/x", "s3://b/t/p=é/x"],
    ["p=é/x", "s3://b/t/p=é/x"],
    ["p=1%3A2/x", "s3://b/t/p=1:2/x"],
    ["p=a%25b/x", "s3://b/t/p=a%b/x"],
    ["p=%5B1%5D/x", "s3://b/t/p=[1]/x"],
    ["s3://other/dir/x", "s3://other/dir/x"],
    ["s3a://other/x", "s3a://other/x"],
    ["/abs/x", "s3://b/abs/x"],
    ["../sib/x", "s3://b/sib/x"],
    ["d//x", "s3://b/t/d/x"],
    ["x?q=1", "s3://b/t/x"],
    ["x#f", "s3://b/t/x#f"],
    ["./d/./x/", "s3://b/t/d/x"],
  ])("%s is %s", (addPath, planned) => {
    expect(absoluteFilePath(root, addPath)).toBe(planned);
  });

  it.each([
    ["p=a b/x", "Illegal character in path at index 3: p=a b/x"],
    ["p=[1]/x", "Illegal character in path at index 2: p=[1]/x"],
    ["p=%/x", "Malformed escape pair at index 2: p=%/x"],
    ["p=1:2/x", "Illegal character in scheme name at index 1: p=1:2/x"],
    ["a\\b", "Illegal character in path at index 1: a\\b"],
    ["", "s3://b/t: a file action of the Delta log has an empty path"],
  ])("%s is no URI and fails the group", (addPath, message) => {
    expect(() => absoluteFilePath(root, addPath)).toThrow(message);
  });

  it("takes the root literally, after its s3a scheme and its slashes are put in order", () => {
    expect(absoluteFilePath(parseTableRoot("s3a://b/t"), "part-0")).toBe("s3://b/t/part-0");
    expect(absoluteFilePath(parseTableRoot("s3://b/a%20b/t"), "part-0")).toBe("s3://b/a%20b/t/part-0");
    expect(absoluteFilePath(parseTableRoot("s3://b/a%20b/t"), "../../a%20b/x")).toBe("s3://b/a b/x");
    expect(absoluteFilePath(parseTableRoot("s3://b//x///t/"), "p")).toBe("s3://b/x/t/p");
    expect(absoluteFilePath(parseTableRoot("s3://b"), "p")).toBe("s3://b/p");
  });

  it("decision 38: a local root gives file:// paths, with or without the scheme", () => {
    for (const local of ["/data/my t%20", "file:///data/my t%20/"]) {
      expect(absoluteFilePath(parseTableRoot(local), "p=a%20b/x")).toBe("file:///data/my t%20/p=a b/x");
    }
  });

  it("05 §3.4 refuses roots of other schemes", () => {
    for (const text of ["s3n://b/t", "dbfs:/t", "t", "S3://b/t"]) {
      expect(() => parseTableRoot(text)).toThrow(`Unsupported file system path: ${text}`);
    }
  });

  it("8.1 a root in another cloud keeps its scheme", () => {
    const azure = "abfss://c@a.dfs.core.windows.net/t";
    expect(absoluteFilePath(parseTableRoot(azure), "p=a%20b/x")).toBe(`${azure}/p=a b/x`);
    expect(absoluteFilePath(parseTableRoot("gs://b//t/"), "p=a%20b/x")).toBe("gs://b/t/p=a b/x");
  });

  it("gives back any relative path that was escaped whole", () => {
    const segment = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
      .filter((text) => text.isWellFormed() && !text.includes("/") && text !== "." && text !== "..");
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => {
        const escaped = segments.map((text) => encodeURIComponent(text)).join("/");
        expect(absoluteFilePath(root, escaped)).toBe(`s3://b/t/${segments.join("/")}`);
      }),
    );
  });
});

describe("05 §4.4: when two file actions are the same", () => {
  it("compares hex digits of escapes without case, and nothing else", () => {
    expect(fileActionKey("d%2fx", undefined)).toBe(fileActionKey("d%2Fx", undefined));
    expect(fileActionKey("S3://Host/x", undefined)).toBe(fileActionKey("s3://host/x", undefined));
    expect(fileActionKey("d/x", undefined)).not.toBe(fileActionKey("d%2Fx", undefined));
    expect(fileActionKey("D/x", undefined)).not.toBe(fileActionKey("d/x", undefined));
  });

  it("tells apart the deletion vectors of one path", () => {
    expect(fileActionKey("x", "uabc@1")).not.toBe(fileActionKey("x", "uabc@2"));
    expect(fileActionKey("x", "uabc@1")).not.toBe(fileActionKey("x", undefined));
  });
});
