/**
 * `npm run test:interop`: tests against servers that others wrote. moto, an S3 in Python, is installed into `.interop/` and started;
 * with INTEROP_S3_ENDPOINT (and INTEROP_S3_ACCESS_KEY, INTEROP_S3_SECRET_KEY) another server is used: MinIO, versitygw, Ceph.
 * Where there is no Python, or moto can't be had, that part is skipped with a line that says so.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const MOTO = "moto[server,s3]==5.2.5";
const PATIENCE_MS = 60_000;

let moto;
let endpoint = process.env.INTEROP_S3_ENDPOINT;
try {
  if (endpoint === undefined) {
    const started = await startMoto();
    if (typeof started === "string") console.log(`interop: moto is skipped: ${started}`);
    else ({ moto, endpoint } = started);
  }
  const env = {
    ...process.env,
    ...(endpoint !== undefined && { INTEROP_S3_ENDPOINT: endpoint }),
    // It has STS and Glue too, which a server that is named need not have.
    ...(moto !== undefined && { INTEROP_AWS_ENDPOINT: endpoint }),
  };
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const { status } = spawnSync(process.execPath, [vitest, "run", "test/interop"], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} finally {
  moto?.kill();
}

/** The server, or why there is none. */
async function startMoto() {
  const bin = join(root, ".interop", MOTO.replace(/[^a-z0-9.]+/g, "-"), "bin");
  const program = join(bin, "moto_server");
  if (!existsSync(program)) {
    const folder = join(bin, "..");
    rmSync(folder, { recursive: true, force: true });
    const python = run("python3", ["-m", "venv", folder]);
    if (python !== undefined) return `python3 makes no virtual environment (${python})`;
    const pip = run(join(bin, "python"), [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      MOTO,
    ]);
    if (pip !== undefined) {
      rmSync(folder, { recursive: true, force: true });
      return `pip can't install it (${pip})`;
    }
  }
  const port = await freePort();
  const server = spawn(program, ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const ended = new Promise((resolve) => server.once("exit", resolve).once("error", resolve));
  const address = `http://127.0.0.1:${port}`;
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const answers = await fetch(`${address}/moto-api/`).then(
      () => true,
      () => false,
    );
    if (answers) return { moto: server, endpoint: address };
    const over = await Promise.race([
      ended.then(() => true),
      new Promise((resolve) => setTimeout(resolve, 200)),
    ]);
    if (over === true || Date.now() > until) {
      server.kill();
      return "it doesn't start";
    }
  }
}

/** Undefined if it went well, else the last line of what it said. */
function run(command, args) {
  const { status, error, stderr } = spawnSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (status === 0) return undefined;
  return error?.message ?? (stderr.trim().split("\n").at(-1) || `exit code ${status}`);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
