import { describe, expect, it } from "vitest";
import { checkConnector, hasParquetSuffix, icebergNdvOptions, icebergSource } from "./options.ts";

const connector = (
  uri: string,
  properties: Record<string, string>,
  authScheme = "none",
  authProperties = {},
) => ({
  uri,
  properties,
  authScheme,
  authProperties,
});

describe("source selection (04 §3.1)", () => {
  it("04 T1: iceberg.source rest / glue / absent / blank / in any case; others are refused", () => {
    expect(icebergSource({ "iceberg.source": "rest" })).toBe("rest");
    expect(icebergSource({ "iceberg.source": "glue" })).toBe("glue");
    expect(icebergSource({})).toBe("glue");
    expect(icebergSource({ "iceberg.source": "  " })).toBe("glue");
    expect(icebergSource({ "iceberg.source": "  REST " })).toBe("rest");
    expect(() => icebergSource({ "iceberg.source": "hive" })).toThrow("Unsupported iceberg.source: hive");
  });

  const filesystem = { "iceberg.source": "filesystem" };

  it("04 T2: a filesystem table needs a uri", () => {
    expect(() => checkConnector(connector(" ", filesystem))).toThrow(
      "uri is required for iceberg.source=filesystem",
    );
  });

  it("04 T3: schemes of an s3:// filesystem table are limited, those of s3a:// are not", () => {
    const uri = "bucket/table/metadata/00001.metadata.json";
    expect(() => checkConnector(connector(`S3://${uri}`, filesystem, " OAuth2 "))).toThrow(
      "Unsupported filesystem storage auth scheme for S3 URI: oauth2",
    );
    expect(checkConnector(connector(`s3a://${uri}`, filesystem, "oauth2"))).toBe("filesystem");
    expect(checkConnector(connector(`s3://${uri}`, filesystem, "aws-web-identity"))).toBe("filesystem");
  });

  it("04 T6, T7: catalogs take aws-sigv4, oauth2 with a token, and none", () => {
    const rest = { "iceberg.source": "rest" };
    expect(() => checkConnector(connector("http://c", rest, "oauth2"))).toThrow(
      "authProps.token required for oauth2",
    );
    expect(() => checkConnector(connector("http://c", rest, "aws"))).toThrow("Unsupported auth scheme: aws");
    expect(checkConnector(connector("http://c", rest, "oauth2", { token: "t" }))).toBe("rest");
  });

  it("an empty scheme is taken as none (may improve)", () => {
    expect(checkConnector(connector("s3://b/t", filesystem, ""))).toBe("filesystem");
    expect(checkConnector(connector("http://c", {}, " "))).toBe("glue");
  });
});

describe("NDV options (04 §3.2, 07 §6.1)", () => {
  const options = (properties: Record<string, string>, source: "filesystem" | "rest" = "filesystem") =>
    icebergNdvOptions(properties, source, "chunked");

  it.each([
    [undefined, false],
    ["FALSE", false],
    ["true", true],
    ["no", true],
    ["", true],
    [" false", true],
  ])("04 T65: stats.ndv.enabled %j", (value, enabled) => {
    expect(options(value === undefined ? {} : { "stats.ndv.enabled": value }).enabled).toBe(enabled);
  });

  it("inline files carry no NDV", () => {
    expect(icebergNdvOptions({ "stats.ndv.enabled": "true" }, "filesystem", "inline").enabled).toBe(false);
  });

  it.each([
    ["0.5", 0.5],
    [" 0.25d ", 0.25],
    ["-1", 1],
    ["2", 1],
    ["x", 1],
    ["NaN", 1],
    ["", 1],
  ])("04 T66: stats.ndv.sample_fraction %j", (value, fraction) => {
    expect(options({ "stats.ndv.sample_fraction": value }).sampleFraction).toBe(fraction);
  });

  it.each([
    ["-3", 0],
    [" 5", 0],
    ["5", 5],
    ["9999999999", 0],
  ])("04 T66: stats.ndv.max_files %j", (value, maxFiles) => {
    expect(options({ "stats.ndv.max_files": value }).maxFiles).toBe(maxFiles);
  });

  it("04 T72: theta_k is read for filesystem tables only, at least 16, rounded up to a power of two", () => {
    expect(options({ "stats.ndv.theta_k": "1024" }).thetaK).toBe(1024);
    expect(options({ "stats.ndv.theta_k": "1024" }, "rest").thetaK).toBe(4096);
    expect(options({ "stats.ndv.theta_k": "8" }).thetaK).toBe(4096);
    expect(options({ "stats.ndv.theta_k": "1025" }).thetaK).toBe(2048);
    expect(options({ "stats.ndv.theta_k": " 1024" }).thetaK).toBe(4096);
  });

  it("a theta_k above 2²⁶ means no NDV at all", () => {
    expect(options({ "stats.ndv.enabled": "true", "stats.ndv.theta_k": "67108864" }).enabled).toBe(true);
    expect(options({ "stats.ndv.enabled": "true", "stats.ndv.theta_k": "67108865" }).enabled).toBe(false);
  });
});

describe("Parquet suffixes (04 §6, §12.3)", () => {
  it("are compared in lower case", () => {
    expect(["a.PARQUET", "a.parq", "part-0", "a.orc", "parquet"].map(hasParquetSuffix)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
