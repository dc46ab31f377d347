import { cp } from "node:fs/promises";
import { join } from "node:path";
import { LOCAL_ACCOUNT, localTableId } from "../../src/cli/capture/sources.ts";
import { connectAdmin } from "../../src/control-plane/client.ts";
import {
  type ControlPlane,
  type ControlPlaneOptions,
  createControlPlaneServer,
} from "../../src/control-plane/index.ts";
import type { Generation } from "../../src/model/index.ts";
import { DEMO_TABLE, FIXTURES, type WorkFolder } from "../support/run-cli.ts";
import type { S3Lake } from "../support/s3-lake.ts";
import { captured, expectSameResult, resultOf } from "./loop.ts";

/** The leased loop over tables on S3: the control plane in the test's own process, which owns the keys that it vends. */

export async function startPlane(
  generation: Generation,
  folder: WorkFolder,
  lake: Pick<S3Lake, "authorities" | "mint">,
  options: Partial<ControlPlaneOptions> = {},
): Promise<ControlPlane & AsyncDisposable> {
  const controlPlane = await createControlPlaneServer({
    listen: { host: "127.0.0.1", port: 0 },
    dataDir: join(folder.path, "data"),
    generation,
    authorities: lake.authorities,
    mint: lake.mint,
    ...options,
    limits: { baseBackoffMs: 100, maxAttempts: 2, ...options.limits },
  });
  return { ...controlPlane, [Symbol.asyncDispose]: () => controlPlane.close() };
}

/** The same tables as files of this machine, where `capture` finds them (08 §5.5). */
async function testRoot(folder: WorkFolder): Promise<string> {
  const root = join(folder.path, "root");
  await cp(DEMO_TABLE, join(root, "lake/orders"), { recursive: true });
  await cp(join(FIXTURES, "iceberg/fixtures"), join(root, "fixtures"), { recursive: true });
  return root;
}

/** With options of a connector that only a program can give. */
export async function enqueueWith(
  url: string,
  tableUri: string,
  properties: Readonly<Record<string, string>>,
): Promise<string> {
  const request = { tableUri, properties, accountId: LOCAL_ACCOUNT, tableId: localTableId(tableUri) };
  const { jobId } = await connectAdmin(url).enqueue(request, { signal: AbortSignal.timeout(20_000) });
  return jobId;
}

export async function expectAsCaptured(
  generation: Generation,
  folder: WorkFolder,
  { url, jobId, table }: { readonly url: string; readonly jobId: string; readonly table: string },
): Promise<void> {
  const ndv = generation === "chunked" ? ["--ndv"] : [];
  const own = await captured(folder, table, generation, "--test-root", await testRoot(folder), ...ndv);
  expectSameResult(await resultOf(url, jobId, folder), own);
}
