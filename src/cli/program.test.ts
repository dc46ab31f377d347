import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { runProgram } from "./program.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test("every flag that docs/configuration.md names is one of a command that reads settings", async () => {
  let help = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    help += String(text);
    return true;
  });
  for (const command of ["worker", "control-plane", "capture"]) await runProgram([command, "--help"]);
  const flags = [...readFileSync("docs/configuration.md", "utf8").matchAll(/^- Flag: `(--[a-z0-9-]+)`$/gm)];
  expect(flags.length).toBeGreaterThan(15);
  expect(flags.map(([, flag]) => flag).filter((flag) => !help.includes(`${flag} `))).toEqual([]);
});

test("a setting of the environment is checked by the commands that need it", async () => {
  vi.stubEnv("FLOECAT_RECONCILER_JOB_STORE_LEASE_MS", "soon");
  let told = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    told += String(text);
    return true;
  });
  expect(await runProgram(["jobs", "list"])).toBe(2);
  expect(told).toContain('FLOECAT_RECONCILER_JOB_STORE_LEASE_MS "soon"');
});

test("03 T18: a worker finds its control plane by Floecat's own variables", async () => {
  vi.stubEnv("FLOECAT_GRPC_HOST", "");
  let told = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    told += String(text);
    return true;
  });
  expect(await runProgram(["worker"])).toBe(2);
  expect(told).toContain("Worker-control gRPC host must be configured");
});
