import { describe, expect, it } from "vitest";
import { s3Address, uriEncode } from "./location.ts";

describe("08 §5.4 addresses", () => {
  const address = (
    settings: { endpoint?: string; pathStyle?: boolean },
    bucket = "bucket",
    region = "eu-west-1",
  ) => {
    const { origin, host, path } = s3Address({ pathStyle: false, ...settings }, region, {
      bucket,
      key: "a/b c",
    });
    return `${origin.protocol}//${host}${path}`;
  };

  it("AWS is reached by the region's host, the bucket in front of it", () => {
    expect(address({})).toBe("https://bucket.s3.eu-west-1.amazonaws.com/a/b%20c");
    expect(address({}, "bucket", "cn-north-1")).toBe("https://bucket.s3.cn-north-1.amazonaws.com.cn/a/b%20c");
    expect(address({ pathStyle: true })).toBe("https://s3.eu-west-1.amazonaws.com/bucket/a/b%20c");
  });

  it("a bucket that no certificate or host name can hold stands in the path", () => {
    expect(address({}, "my.bucket")).toBe("https://s3.eu-west-1.amazonaws.com/my.bucket/a/b%20c");
    expect(address({ endpoint: "http://minio:9000" }, "My_Bucket")).toBe(
      "http://minio:9000/My_Bucket/a/b%20c",
    );
  });

  it("an endpoint has the bucket in front too, unless it is an address or path style is set", () => {
    expect(address({ endpoint: "http://minio:9000" })).toBe("http://bucket.minio:9000/a/b%20c");
    expect(address({ endpoint: "http://minio:9000", pathStyle: true })).toBe(
      "http://minio:9000/bucket/a/b%20c",
    );
    expect(address({ endpoint: "http://127.0.0.1:9000/" })).toBe("http://127.0.0.1:9000/bucket/a/b%20c");
    expect(address({ endpoint: "http://[::1]:9000/s3/" })).toBe("http://[::1]:9000/s3/bucket/a/b%20c");
  });

  it("an endpoint that is none is refused without repeating it", () => {
    expect(() => address({ endpoint: "http://user:pass@minio" })).toThrow(/^(?!.*pass)/);
    expect(() => address({ endpoint: "minio:9000" })).toThrow("s3.endpoint is no http:// or https:// URL");
    expect(() => address({}, "bucket", "evil/../x")).toThrow(/no region/);
  });
});

it("08 §5.2 every byte but the unreserved ones and the slash is percent-encoded", () => {
  expect(uriEncode("AZaz09-._~/ !'()*+%20?#ü")).toBe("AZaz09-._~/%20%21%27%28%29%2A%2B%2520%3F%23%C3%BC");
  expect(uriEncode("a/b", { slash: false })).toBe("a%2Fb");
});
