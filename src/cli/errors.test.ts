import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { describe } from "./errors.ts";

test("a cause that says what a message above says is not said twice, a call's code apart", () => {
  const cause = new ConnectError("Job not found: j", Code.NotFound);
  expect(describe(new Error("NOT_FOUND: Job not found: j.", { cause }))).toBe("NOT_FOUND: Job not found: j.");
});

test("another cause has a line of its own", () => {
  const cause = new ConnectError("connect refused", Code.Unavailable);
  expect(describe(new Error("no answer", { cause }))).toBe("no answer\n  because: connect refused");
});
