import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readOutput } from "../support/capture-output.ts";
import { DEMO_TABLE, runCli, type WorkFolder, workFolder } from "../support/run-cli.ts";
import { type S3Double, startS3Double } from "../support/s3-double/index.ts";

/** `capture` and `inspect` of files by `http://`: an S3 server that lets everyone in is a web server, too. */
let folder: WorkFolder;
let server: S3Double;
beforeEach(async () => {
  folder = await workFolder();
  server = await startS3Double();
  await server.objects.putFolder("lake", "orders/", DEMO_TABLE);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const run = (args: readonly string[], env = {}) => runCli(args, { cwd: folder.path, env });

function addresses(scheme: string): string[] {
  const keys = server.objects.entries("lake").map(([key]) => key);
  return keys.filter((key) => key.endsWith(".parquet")).map((key) => `${scheme}lake/${key}`);
}

it("files of a web server are captured as they are from S3, in two requests each", async () => {
  const flags = ["--json", "--force", "--out"];
  const s3 = await run([
    "capture",
    ...addresses("s3://"),
    ...["--s3-endpoint", server.endpoint, "--s3-anonymous"],
    ...flags,
    "s3",
  ]);
  const web = await run(["capture", ...addresses(`${server.endpoint}/`), ...flags, "web"]);
  expect([s3, web].map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  const [fromS3, fromWeb] = await Promise.all(
    ["s3", "web"].map(async (name) => await readOutput(join(folder.path, name))),
  );
  const report: { tables: { files: { requests: number }[] }[] } = JSON.parse(web.stdout);
  expect(report.tables[0]?.files.map(({ requests }) => requests)).toEqual(addresses("").map(() => 2));
  expect(fromWeb?.files.length).toBeGreaterThan(1);
  expect(fromWeb?.columns).toEqual(fromS3?.columns);
  expect(fromWeb?.sidecars.size).toBe(fromS3?.sidecars.size);
});

it("a folder and a missing file say what can be done", async () => {
  const folderOf = await run(["capture", `${server.endpoint}/lake/orders`]);
  expect(folderOf).toMatchObject({ exitCode: 1 });
  expect(folderOf.stderr).toContain("a web server's folders can't be listed: name each file");
  const [address = ""] = addresses(`${server.endpoint}/`);
  expect(await run(["inspect", address, "--json"])).toMatchObject({ exitCode: 0, stderr: "" });
  const refused = await run(["inspect", address], { FLOECAT_CAPTURE_REACH_SCHEMES: "s3" });
  expect(refused.stderr).toContain("the scheme http is not among those that may be read (s3)");
});
