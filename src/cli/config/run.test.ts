import { afterEach, expect, test, vi } from "vitest";
import { runProgram } from "../program.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += String(text);
    return true;
  });
  return { code: await runProgram(["config", ...args]), out, err };
}

test("config prints each setting once, with where it came from and no secret", async () => {
  vi.stubEnv("FLOECAT_RECONCILER_OIDC_CLIENT_SECRET", "s3cr3t");
  vi.stubEnv("FLOECAT_CAPTURE_THREADZ", "3");
  const { code, out, err } = await run("--set", "floecat.capture.crc=warn");
  expect(code).toBe(0);
  expect(out).toMatch(/floecat\.capture\.crc +warn +--set floecat\.capture\.crc/);
  expect(out).toMatch(/oidc\.client-secret +\*\*\*\* +FLOECAT_RECONCILER_OIDC_CLIENT_SECRET/);
  expect(out).toMatch(/keep-alive-time-ms +30000 +default/);
  expect(out.match(/job-store\.lease-ms /g)).toHaveLength(1);
  expect(out + err).not.toContain("s3cr3t");
  expect(err).toContain("FLOECAT_CAPTURE_THREADS is: was that meant?");
});

test("config --json", async () => {
  vi.stubEnv("FLOECAT_CAPTURE_AUTH_TOKEN", "s3cr3t");
  const { out } = await run("--json");
  const { settings } = JSON.parse(out);
  expect(settings).toContainEqual({
    key: "floecat.capture.auth.token",
    value: "****",
    from: "environment",
    source: "FLOECAT_CAPTURE_AUTH_TOKEN",
    secret: true,
  });
});

test("a value that isn't understood is exit code 2", async () => {
  const { code, err } = await run("--set", "floecat.capture.threads=many");
  expect(code).toBe(2);
  expect(err).toContain('--set floecat.capture.threads "many": a whole number is needed');
});
