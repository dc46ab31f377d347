import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { writeTinyTable } from "../../../test/support/tiny-table.ts";
import { connectControlPlane } from "../../protocol/index.ts";
import { connectAdmin } from "../client.ts";
import { parseChaosSpec, startChaoticControlPlane } from "./index.ts";

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const never = new AbortController().signal;
const REQUEST = { instanceId: "worker", executorIds: ["worker"] };

async function chaotic(spec: string) {
  const folder = await mkdtemp(join(tmpdir(), "floecat-capture-chaotic-"));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  const told: string[] = [];
  const plane = await startChaoticControlPlane({
    listen: { host: "127.0.0.1", port: 0 },
    dataDir: join(folder, "data"),
    generation: "chunked",
    spec: parseChaosSpec(spec),
    onFault: (kind) => told.push(kind),
  });
  cleanUps.push(() => plane.close());
  return { plane, told, folder };
}

test("--chaos restarts the control plane behind one address, and nothing that it knew is gone", async () => {
  const { plane, folder } = await chaotic("restart-every-ms=100");
  const table = join(folder, "table");
  await writeTinyTable(table, 1);
  // A call may meet a restart at any moment.
  const again = async <T>(attempt: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await attempt();
      } catch {
        await setImmediate();
      }
    }
  };
  await again(() =>
    connectAdmin(plane.url).enqueue({ tableUri: table, format: "parquet" }, { signal: never }),
  );
  const restarts = plane.counts().restart;
  const { controlPlane, close } = await again(() =>
    connectControlPlane({ url: plane.url }, { signal: never, timeoutMs: 5000 }),
  );
  cleanUps.push(async () => close());
  let leased: string | undefined;
  while (leased === undefined || plane.counts().restart < restarts + 2) {
    const job = await controlPlane.lease(REQUEST, { signal: never, timeoutMs: 1000 }).catch(() => undefined);
    leased ??= job?.jobId;
  }
  expect(leased).toBeDefined();
});

test("its clock jumps, calls are struck, and every fault is told", async () => {
  const { plane, told } = await chaotic("jump-every-ms=20,unavailable=1");
  while (plane.counts()["clock-jump"] < 3) {
    const connected = connectControlPlane({ url: plane.url }, { signal: never, timeoutMs: 2000 });
    await expect(connected).rejects.toThrow("UNAVAILABLE");
  }
  const counts = plane.counts();
  expect(told.filter((kind) => kind === "unavailable").length).toBeGreaterThanOrEqual(counts.unavailable);
  expect(told).toContain("clock-jump");
});
