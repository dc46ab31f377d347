import { Command, CommanderError } from "commander";
import { VERSION } from "../config/index.ts";
import { UsageError } from "../model/index.ts";
import { addCapture } from "./commands/capture.ts";
import { addCompletion } from "./commands/completion.ts";
import { addConfig } from "./commands/config.ts";
import { addControlPlane } from "./commands/control-plane.ts";
import { addDiff } from "./commands/diff.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEnqueue } from "./commands/enqueue.ts";
import { addInspect } from "./commands/inspect.ts";
import { addJobs } from "./commands/jobs.ts";
import { addPrune } from "./commands/prune.ts";
import { addView } from "./commands/view.ts";
import { addWorker } from "./commands/worker.ts";
import { describe } from "./errors.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/**
 * The command line: names, options and help. Each command's code is imported when it runs, so that `--help` costs nothing.
 */
export async function runProgram(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const finish = (code: ExitCode) => {
    exitCode = code;
  };
  const program = buildProgram(finish);
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version end this way too, with exit code 0; commander has printed what there is to say.
      return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    }
    process.stderr.write(`floecat-capture: ${describe(error)}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
}

/** The command line itself, for `completion` and for tests of what the documentation says. */
export function buildProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command("floecat-capture")
    .description("Column statistics and Parquet page indexes for lakehouse tables.")
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError("(add --help for the options)")
    .configureHelp({ showGlobalOptions: false });

  for (const add of COMMANDS) add(program, finish);
  return program;
}

/** In the order of the help. */
const COMMANDS = [
  addCapture,
  addInspect,
  addPrune,
  addView,
  addDiff,
  addWorker,
  addControlPlane,
  addEnqueue,
  addJobs,
  addDoctor,
  addConfig,
  addCompletion,
] as const;
