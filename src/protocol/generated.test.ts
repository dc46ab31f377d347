import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("the committed protobuf code is what the .proto files generate", () => {
  const check = () =>
    execFileSync(process.execPath, ["scripts/generate-proto.mjs", "--check"], {
      encoding: "utf8",
      stdio: "pipe",
    });
  expect(check).not.toThrow();
});
