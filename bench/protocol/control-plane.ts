/** The control plane of a scenario, in a process of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createControlPlaneServer } from "../../src/control-plane/index.ts";
import type { Scenario } from "./scenario.ts";
import { seedJobs } from "./seed.ts";

const scenario: Scenario = JSON.parse(process.argv[2] ?? "");
const dataDir = mkdtempSync(join(tmpdir(), "bench-protocol-"));
const server = await createControlPlaneServer({
  listen: { host: "127.0.0.1", port: 0 },
  dataDir,
  generation: scenario.generation,
  limits: { leaseMs: scenario.leaseMs, maxInboundMessageBytes: 67_108_864 },
  runExecutors: false,
  ...(scenario.submitDelayMs > 0 && {
    intercept: {
      before: async () => "pass" as const,
      async after(path) {
        if (path.endsWith("/SubmitLeasedFileGroupExecutionResult")) await sleep(scenario.submitDelayMs);
        return "pass" as const;
      },
    },
  }),
  log: { error: ({ err }) => console.error(err) },
});
seedJobs(server, { jobs: scenario.jobs, asked: scenario.work.kind !== "no-op" });
const end = async () => {
  await server.close(0);
  rmSync(dataDir, { recursive: true, force: true });
  process.exit(0);
};
process.on("message", end);
process.on("disconnect", end);
process.send?.({ url: server.url });
