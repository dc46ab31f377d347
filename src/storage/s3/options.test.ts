import { describe, expect, it } from "vitest";
import { s3SettingsOf } from "./options.ts";

const KEYS = { "s3.access-key-id": "akid", "s3.secret-access-key": "secret" };

describe("08 §4.1 options of a connector", () => {
  it("gives endpoint, addressing and static keys; a lone key is none", () => {
    const options = { ...KEYS, "s3.endpoint": " http://minio:9000 ", "s3.path-style-access": "TRUE" };
    expect(s3SettingsOf(options, "delta")).toEqual({
      schemes: ["s3", "s3a"],
      endpoint: "http://minio:9000",
      region: "us-east-1",
      pathStyle: true,
      credentials: { kind: "static", accessKeyId: "akid", secretAccessKey: "secret" },
    });
    expect(s3SettingsOf({ "s3.access-key-id": "akid" }, "delta").credentials).toEqual({ kind: "chain" });
    expect(s3SettingsOf({ ...KEYS, "s3.session-token": "tok" }, "iceberg").credentials).toEqual({
      kind: "static",
      accessKeyId: "akid",
      secretAccessKey: "secret",
      sessionToken: "tok",
    });
  });

  it("08 §2.3 ignores provider ids, which are handles into the server's memory", () => {
    const options = { "floecat.aws.credentials-provider-id": "p", "floecat-provider-id": "p", ...KEYS };
    expect(s3SettingsOf(options, "delta")).toEqual(s3SettingsOf(KEYS, "delta"));
  });

  it("08 §5.1 reads s3n for Iceberg alone", () => {
    expect(s3SettingsOf({}, "iceberg").schemes).toEqual(["s3", "s3a", "s3n"]);
    expect(s3SettingsOf({}, "delta").schemes).toEqual(["s3", "s3a"]);
  });
});

describe("08 §4.2 region", () => {
  it("08 P1, P2 of Iceberg is client.region, then s3.region, then aws.region, then the ambient one", () => {
    const region = (options: Record<string, string>) =>
      s3SettingsOf(options, "iceberg", { ambient: { region: "ambient" } }).region;
    expect(region({ "s3.region": "us-east-2" })).toBe("us-east-2");
    expect(region({ "s3.region": "us-east-2", "client.region": "us-west-2" })).toBe("us-west-2");
    expect(region({ "aws.region": "eu-west-1", "client.region": " " })).toBe("eu-west-1");
    expect(region({})).toBe("ambient");
  });

  it("08 P3 of Delta is s3.region, then aws.region, else us-east-1; client.region is not read", () => {
    const region = (options: Record<string, string>) =>
      s3SettingsOf(options, "delta", { ambient: { region: "ambient" } }).region;
    expect(region({})).toBe("us-east-1");
    expect(region({ "aws.region": "eu-west-1" })).toBe("eu-west-1");
    expect(region({ "aws.region": "eu-west-1", "s3.region": "eu-central-1" })).toBe("eu-central-1");
    expect(region({ "client.region": "eu-central-1" })).toBe("us-east-1");
  });
});

it("08 §4.3 a renewed credential comes before static keys for Delta, after them for Iceberg", () => {
  const credentials = (kind: "delta" | "iceberg") =>
    s3SettingsOf(KEYS, kind, { heldId: "h" }).credentials.kind;
  expect(credentials("delta")).toBe("held");
  expect(credentials("iceberg")).toBe("static");
  expect(s3SettingsOf({}, "iceberg", { heldId: "h" }).credentials).toEqual({ kind: "held", id: "h" });
});
