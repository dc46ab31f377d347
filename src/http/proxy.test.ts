import { describe, expect, test } from "vitest";
import { proxyFor, proxyUrl } from "./proxy.ts";

const PROXIES = { http: "http://plain:3128", https: "secure:3129" };

function route(target: string, none?: string): string {
  return proxyFor(new URL(target), { ...PROXIES, none })?.host ?? "direct";
}

describe("08 §9 which requests go through a proxy", () => {
  test("each scheme has its own; an address without a scheme is one of http", () => {
    expect(route("http://host/")).toBe("plain:3128");
    expect(route("https://host/")).toBe("secure:3129");
    expect(proxyFor(new URL("https://host/"), { http: PROXIES.http })).toBeUndefined();
  });

  test.each([
    ["example.org", "https://example.org/", "direct"],
    ["example.org", "https://idp.example.org/", "direct"],
    ["example.org", "https://notexample.org/", "secure:3129"],
    [".example.org", "https://example.org/", "direct"],
    ["*.example.org", "https://a.b.example.org/", "direct"],
    ["Example.ORG", "https://EXAMPLE.org./", "direct"],
    ["other, example.org", "https://example.org/", "direct"],
    ["other example.org", "https://example.org/", "direct"],
    ["example.org:8443", "https://example.org:8443/", "direct"],
    ["example.org:8443", "https://example.org/", "secure:3129"],
    ["example.org:443", "https://example.org/", "direct"],
    ["*", "https://anything/", "direct"],
    ["10.1.2.3", "https://10.1.2.3/", "direct"],
    ["10.1.0.0/16", "https://10.1.2.3/", "direct"],
    ["10.1.0.0/16", "https://10.2.2.3/", "secure:3129"],
    ["10.1.0.0/99", "https://10.1.2.3/", "secure:3129"],
    ["2.3", "https://10.1.2.3/", "secure:3129"],
    ["[fd00::1]:443", "https://[fd00::1]/", "direct"],
    ["fd00::/8", "https://[fd12::1]/", "direct"],
    [" , ,", "https://host/", "secure:3129"],
  ])("NO_PROXY %s: %s is %s", (none, target, expected) => {
    expect(route(target, none)).toBe(expected);
  });

  test.each(["http://localhost:1/", "http://a.localhost/", "http://127.3.2.1/", "http://[::1]:9/"])(
    "%s is this machine: never through a proxy",
    (target) => {
      expect(route(target)).toBe("direct");
    },
  );

  test("what no HTTP proxy has as its address isn't taken for one", () => {
    expect(proxyUrl("socks5://host:1080")).toBeUndefined();
    expect(proxyUrl("http://")).toBeUndefined();
  });
});
