/** The control plane of a chaos run, in a process of its own that can be killed: told of jumps of its clock by messages. */
import { z } from "zod";
import { jumpingClock } from "../../src/control-plane/chaos/index.ts";
import { createControlPlaneServer } from "../../src/control-plane/index.ts";
import { systemClock } from "../../src/model/index.ts";
import { CONTROL_PLANE_LIMITS } from "./options.ts";

const settings = z
  .object({ dataDir: z.string(), port: z.number(), generation: z.enum(["chunked", "inline"]) })
  .parse(JSON.parse(process.argv[2] ?? ""));
const jump = z.object({ jumpMs: z.number() });
const tell = (message: object) => process.send?.(message);

const clock = jumpingClock(systemClock);
const server = await createControlPlaneServer({
  listen: { host: "127.0.0.1", port: settings.port },
  dataDir: settings.dataDir,
  generation: settings.generation,
  limits: CONTROL_PLANE_LIMITS,
  clock,
  log: {
    error: ({ err, path }, message) =>
      tell({ defect: `${message} ${String(path ?? "")}: ${err instanceof Error ? err.stack : String(err)}` }),
  },
});
process.on("message", (message) => clock.jump(jump.parse(message).jumpMs));
process.on("SIGTERM", async () => {
  await server.close(500);
  process.exit(0);
});
// Nobody is left who could kill it.
process.on("disconnect", () => process.exit(1));
tell({ url: server.url });
