/** enqueue, jobs and diff reach the control plane by the settings by which a worker does (08 §1, §9). */
import { resolve } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { start } from "../../test/support/control-plane/harness.ts";
import { GrpcStatusError } from "../control-plane/grpc/index.ts";
import { ALL_PERMISSIONS, type Authenticator } from "../control-plane/index.ts";
import { adminOf } from "./admin.ts";

const signal = new AbortController().signal;
const TABLE = resolve("demo/orders");
afterEach(() => vi.unstubAllEnvs());

/** Takes the token alone, in the header that is configured there. */
const authenticate: Authenticator = async (call) => {
  if (call.header("x-floe-session") !== "Bearer operator-token") {
    throw new GrpcStatusError("UNAUTHENTICATED", "missing session token");
  }
  return { accountId: "acct", subject: "operator", permissions: ALL_PERMISSIONS };
};

test("flags before the environment before the default; the token in the header that is set", async () => {
  const { port } = await start("chunked", { authenticate });
  vi.stubEnv("FLOECAT_GRPC_HOST", "127.0.0.1");
  vi.stubEnv("FLOECAT_GRPC_PORT", String(port));
  const bare = await adminOf({});
  await expect(bare.client.enqueue({ tableUri: TABLE }, { signal })).rejects.toThrow("missing session token");

  vi.stubEnv("FLOECAT_CAPTURE_AUTH_TOKEN", "operator-token");
  vi.stubEnv("FLOECAT_INTERCEPTOR_SESSION_HEADER", "x-floe-session");
  const { client, controlPlane } = await adminOf({});
  expect(controlPlane.url).toBe(`http://127.0.0.1:${port}`);
  expect(await client.enqueue({ tableUri: TABLE }, { signal })).toMatchObject({ fileCount: 3 });

  const elsewhere = await adminOf({ controlPlane: "http://127.0.0.1:1" });
  expect(elsewhere.controlPlane.url).toBe("http://127.0.0.1:1");
});
