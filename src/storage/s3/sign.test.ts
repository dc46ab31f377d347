import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Sha256 } from "../../../test/support/s3-double/sha256.ts";
import { uriEncode } from "./location.ts";
import { signed } from "./sign.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 1, 2, 3);
const text = fc.string({ unit: "binary", maxLength: 30 }).filter((value) => value.isWellFormed());
const token = fc.stringMatching(/^[!-~]{1,40}$/);

it("08 §4.1 signs as the SDK's signer does, whatever key, query, session token and body", async () => {
  const requests = fc.record({
    key: text,
    prefix: text,
    secretAccessKey: token,
    sessionToken: fc.option(token, { nil: undefined }),
    body: fc.option(fc.uint8Array({ minLength: 1, maxLength: 20 }), { nil: undefined }),
    region: fc.constantFrom("us-east-1", "eu-west-3"),
  });
  await fc.assert(
    fc.asyncProperty(requests, async ({ key, prefix, secretAccessKey, sessionToken, body, region }) => {
      const path = `/bucket/${uriEncode(key)}`;
      const query: [string, string][] = [
        ["list-type", "2"],
        ["prefix", prefix],
      ];
      const keys = { accessKeyId: "akid", secretAccessKey, sessionToken };
      const ours = signed(
        { method: "GET", host: "h:9000", path, query, headers: { range: "bytes=-5" }, body },
        { keys, region, nowMs: NOW_MS },
      );
      const signer = new SignatureV4({
        service: "s3",
        region,
        credentials: {
          accessKeyId: "akid",
          secretAccessKey,
          ...(sessionToken !== undefined && { sessionToken }),
        },
        sha256: Sha256,
        uriEscapePath: false,
      });
      const theirs = await signer.sign(
        {
          method: "GET",
          protocol: "http:",
          hostname: "h",
          path,
          query: Object.fromEntries(query),
          headers: { host: "h:9000", range: "bytes=-5" },
          body,
        },
        // The SDK leaves the range out of the signature by choice; it may stand in it.
        { signingDate: new Date(NOW_MS), signableHeaders: new Set(["range"]) },
      );
      expect(ours.authorization).toBe(theirs.headers.authorization);
    }),
    { numRuns: 100 },
  );
});
