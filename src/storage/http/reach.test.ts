import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { AccessDeniedError } from "../../model/index.ts";
import { checkHost, isLinkLocal, lookupReachable } from "./reach.ts";

describe("8.7 link-local addresses, where clouds give out machine credentials", () => {
  it.each([
    "169.254.169.254",
    "169.254.170.2",
    "fe80::1",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
  ])("%s is refused", (address) => {
    expect(isLinkLocal(address)).toBe(true);
    expect(() => checkHost(undefined, address)).toThrow(AccessDeniedError);
    expect(() => checkHost({ hosts: [address] }, `[${address}]`)).toThrow(/link-local/);
  });

  it.each(["127.0.0.1", "10.0.0.1", "169.253.0.1", "::1", "fd00::1", "2001:db8::1", "minio"])(
    "%s is not",
    (address) => {
      expect(isLinkLocal(address)).toBe(false);
      expect(() => checkHost(undefined, address)).not.toThrow();
    },
  );

  it("are refused after the name has been resolved: the address asked is the one that was checked", async () => {
    const lookup = promisify(lookupReachable);
    await expect(lookup("169.254.169.254", { all: true })).rejects.toThrow(/link-local/);
    expect(await lookup("127.0.0.1", { all: true })).toEqual([{ address: "127.0.0.1", family: 4 }]);
    expect(await lookup("127.0.0.1", {})).toBe("127.0.0.1");
  });
});

it("8.7 an allow-list holds names, and domains with what lies below them", () => {
  const rules = { hosts: ["minio", "*.amazonaws.com"] };
  for (const host of ["minio", "MINIO", "bucket.s3.eu-west-1.amazonaws.com"]) {
    expect(() => checkHost(rules, host)).not.toThrow();
  }
  for (const host of ["minio.evil", "amazonaws.com", "xamazonaws.com", "localhost"]) {
    expect(() => checkHost(rules, host)).toThrow(`the host ${host} is not among those that may be reached`);
  }
});
