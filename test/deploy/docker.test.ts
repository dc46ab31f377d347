/** The image's Dockerfile, its commands run as they are in folders: no container engine is at hand where tests run. */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { DEMO_TABLE, workFolder } from "../support/run-cli.ts";
import { buildInFolders, contextOf, parseDockerfile } from "./dockerfile.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

async function instructions() {
  return parseDockerfile(await readFile(join(root, "deploy/docker/Dockerfile"), "utf8"));
}

it("Dockerfile: the commands make an image that captures, from the build context alone", async () => {
  await using folder = await workFolder();
  const context = join(folder.path, "context");
  await mkdir(context);
  await contextOf(root, context);
  // npm's scripts run with a Node of their own here, as with the base image's there.
  const { last } = await buildInFolders(await instructions(), {
    context,
    folder: folder.path,
    env: { ...process.env, npm_config_prefer_offline: "true", NODE_ENV: "" },
  });
  expect((await readdir(join(last, "app"))).sort()).toEqual([
    "LICENSE",
    "NOTICE",
    "bin",
    "dist",
    "node_modules",
    "package-lock.json",
    "package.json",
  ]);
  const bin = join(last, "app/bin/floecat-capture.mjs");
  const { stdout } = await run(process.execPath, [
    bin,
    "capture",
    DEMO_TABLE,
    "--out",
    join(folder.path, "out"),
  ]);
  expect(stdout).toContain("3 files");
}, 300_000);

it("Dockerfile: not root, no shell, the worker by default, with a check of its health", async () => {
  const last = (await instructions()).slice(
    (await instructions()).findLastIndex(({ name }) => name === "FROM"),
  );
  const of = (name: string) => last.filter((each) => each.name === name).map(({ text }) => text);
  expect(of("FROM")).toEqual([expect.stringContaining("distroless")]);
  expect(of("RUN")).toEqual([]);
  expect(of("USER")).toEqual(["65532:65532"]);
  expect(of("ENTRYPOINT")).toEqual(['["/nodejs/bin/node", "/app/bin/floecat-capture.mjs"]']);
  expect(of("CMD")).toEqual([expect.stringContaining('"worker"')]);
  expect(of("HEALTHCHECK")).toEqual([expect.stringContaining("/healthz")]);
});
