import { z } from "zod";
import { openCaptured } from "../../captured/index.ts";
import { VERSION } from "../../config/index.ts";
import { pageRoutes, startHttp } from "../../dashboard/index.ts";
import { systemClock, UsageError } from "../../model/index.ts";
import { capturedIndexSource, viewerStatus } from "../../observation/index.ts";
import { describe } from "../errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { parseOptions } from "../options.ts";
import { print } from "../terminal/print.ts";

const viewOptions = z.object({
  port: z
    .string()
    .regex(/^\d{1,5}$/, "a port is needed")
    .transform(Number)
    .refine((port) => port <= 65_535, "at most 65535 is possible"),
});

/** `floecat-capture view`: the page-index picture of a capture's folder, for a browser on this machine, until Ctrl-C. */
export async function runView(folder: string, rawOptions: unknown): Promise<ExitCode> {
  const { port } = parseOptions(viewOptions, rawOptions);
  const interruption = interruptible();
  try {
    const captured = await openCaptured(folder);
    const index = await capturedIndexSource(captured, { name: folder, signal: interruption.signal });
    const [table] = await index.tables(interruption.signal);
    if (table?.fileCount === 0) {
      throw new UsageError(
        `${folder} holds no page index: capture with --outputs page-index, alone or among others`,
      );
    }
    const status = viewerStatus({ clock: systemClock, version: VERSION, folder });
    const server = await startHttp({
      host: "127.0.0.1",
      port,
      token: undefined,
      allowedHosts: [],
      routes: await pageRoutes({ status, index }),
      onDefect: (error) => process.stderr.write(`floecat-capture: ${describe(error)}\n`),
    });
    print(`${server.url}\n\nOpen it in a browser; Ctrl-C ends it.`);
    await new Promise<void>((stopped) => {
      if (interruption.signal.aborted) stopped();
      interruption.signal.addEventListener("abort", () => stopped(), { once: true });
    });
    await server.close();
    return EXIT.done;
  } finally {
    interruption.release();
  }
}
