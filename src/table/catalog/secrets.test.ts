import { expect, test } from "vitest";
import { serverText } from "./secrets.ts";

test("08 §8.1: what a server repeats loses the request's secrets, and whose signature it had", () => {
  expect(serverText(" you sent Bearer abcd-1234 ", ["abcd-1234", undefined, "x"])).toBe("you sent Bearer …");
  const authorization =
    "AWS4-HMAC-SHA256 Credential=AKIA/20261124/us-east-1/glue/aws4_request, SignedHeaders=accept;host, Signature=0a1b";
  expect(serverText(`{"authorization":"${authorization}","x":1}`, [])).toBe(
    '{"authorization":"AWS4-HMAC-SHA256 …","x":1}',
  );
});

test("a long text is cut", () => {
  expect(serverText("x".repeat(5000), [])).toHaveLength(1000);
});
