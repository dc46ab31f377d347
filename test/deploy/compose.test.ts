import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { loadSettings } from "../../src/config/index.ts";

const root = join(import.meta.dirname, "../..");
const service = z.looseObject({ environment: z.record(z.string(), z.string()) });
const compose = z.object({ services: z.record(z.string(), service) });

async function services() {
  const text = await readFile(join(root, "deploy/compose/compose.floecat-capture.yaml"), "utf8");
  return compose.parse(parse(text)).services;
}

it("08 §9.6 compose: the JVM's executor leaves file groups to the worker", async () => {
  const { executor, service: controlPlane } = await services();
  for (const each of [executor, controlPlane]) {
    expect(each?.environment).toEqual({ FLOECAT_RECONCILER_REMOTE_FILE_GROUP_EXECUTOR_ENABLED: "false" });
  }
});

it("08 §9 compose: the worker knows every variable that it is given, and finds the control plane", async () => {
  const worker = (await services())["floecat-capture"];
  const env = Object.fromEntries(
    Object.entries(worker?.environment ?? {}).map(([name, text]) => [
      name,
      // `${NAME:-default}`, with nothing set; the innermost default first.
      text.replace(/\$\{\w+:-([^${}]*)\}/g, "$1").replace(/\$\{\w+:-([^${}]*)\}/g, "$1"),
    ]),
  );
  expect(Object.values(env).join()).not.toContain("$");
  const { settings, warnings } = await loadSettings({ env });
  expect(warnings).toEqual([]);
  expect(settings.connection.sharedHost).toBe("service");
  expect(worker).toMatchObject({ read_only: true, cap_drop: ["ALL"], stop_grace_period: "45s" });
});
