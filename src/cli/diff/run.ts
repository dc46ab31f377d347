import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type CapturedFolder, openCaptured } from "../../captured/index.ts";
import { UsageError } from "../../model/index.ts";
import { adminOf } from "../admin.ts";
import { explainAdminError } from "../enqueue/admin-errors.ts";
import { readResults } from "../enqueue/results.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { parseOptions, wholeNumber } from "../options.ts";
import { createOutputFolder } from "../output-folder.ts";
import { print } from "../terminal/print.ts";
import { compareCaptures, isSame } from "./compare.ts";
import { renderDifference } from "./render.ts";

const diffOptions = z.object({
  job: z.string().min(1).optional(),
  ignore: z.array(z.string()).transform((fields) => new Set(fields)),
  /** Lines to show; 0 shows all. */
  limit: wholeNumber(0),
  json: z.boolean(),
});

/** `floecat-capture diff`: two captures, or one and what a control plane holds, record by record and page by page. */
export async function runDiff(
  leftPath: string,
  rightPath: string | undefined,
  rawOptions: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const options = parseOptions(diffOptions, rawOptions);
  if ((rightPath === undefined) === (options.job === undefined)) {
    throw new UsageError("name a second capture to compare with, or a job of a control plane with --job");
  }
  const interruption = interruptible();
  const { signal } = interruption;
  try {
    const left = await openCaptured(leftPath);
    const compare = async (right: CapturedFolder) => {
      const difference = await compareCaptures(left, right, { ignored: options.ignore, signal });
      const equal = isSame(difference);
      print(
        options.json ? JSON.stringify({ equal, ...difference }) : renderDifference(difference, options.limit),
      );
      return equal ? EXIT.done : EXIT.failed;
    };
    return rightPath === undefined
      ? await withJobResult(options.job ?? "", rawOptions, compare, signal)
      : await compare(await openCaptured(rightPath));
  } catch (error) {
    if (signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    interruption.release();
  }
}

/** The result of a job, written as `enqueue --out` does into a folder that is gone afterwards. */
async function withJobResult(
  jobId: string,
  rawOptions: Readonly<Record<string, unknown>>,
  work: (folder: CapturedFolder) => Promise<ExitCode>,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { client, controlPlane } = await adminOf(rawOptions);
  const parent = await mkdtemp(join(tmpdir(), "floecat-capture-diff-"));
  try {
    const folder = join(parent, "result");
    const out = await createOutputFolder(folder, { force: false });
    try {
      await readResults(client.readResult(jobId, { includeSidecars: true, signal }), 0, out);
      await out.commit();
    } catch (error) {
      await out.discard();
      throw signal.aborted ? error : explainAdminError(error, controlPlane.url);
    }
    return await work(await openCaptured(folder));
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}
