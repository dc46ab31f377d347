import { Command, CommanderError, Option } from "commander";
import { VERSION } from "../config/index.ts";
import { UsageError } from "../model/index.ts";
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

/** For options that may be given more than once. */
function repeated(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

function buildProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command("floecat-capture")
    .description("Column statistics and Parquet page indexes for lakehouse tables.")
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError("(add --help for the options)")
    .configureHelp({ showGlobalOptions: false });

  program
    .command("capture")
    .summary("capture tables or Parquet files, without a control plane")
    .description(
      "Reads a Delta table, an Iceberg table or plain Parquet files, and writes column statistics and page-index sidecars to a folder.",
    )
    .argument("<uri...>", "table folders, Parquet files, folders of them, or globs")
    .addOption(
      new Option("--format <format>", "what the URIs are")
        .choices(["auto", "parquet", "delta", "iceberg"])
        .default("auto"),
    )
    .option("--snapshot <id>", "Delta version or Iceberg snapshot id, or `latest`", "latest")
    .option(
      "--outputs <list>",
      "comma-separated: table, file, column, page-index",
      "table,file,column,page-index",
    )
    .option("--ndv", "estimate the number of distinct values of each column", false)
    .option(
      "--columns <selector>",
      "only this column; repeat for more (a name, a path into structs, or #<id> in Iceberg)",
      repeated,
      [],
    )
    .addOption(
      new Option("--wire <generation>", "shape of the records")
        .choices(["chunked", "inline"])
        .default("chunked"),
    )
    .option("--out <dir>", "folder for the result; refused if it is not empty", "./floecat-capture-out")
    .option("--force", "replace an earlier result in --out", false)
    .option("--threads <n>", "capture threads (default: one per processor)")
    .addOption(
      new Option("--crc <mode>", "what to do when a page's checksum is wrong")
        .choices(["error", "warn", "off"])
        .default("error"),
    )
    .option("--test-root <dir>", "read s3://bucket/key from <dir>/bucket/key")
    .option("--json", "print one JSON object instead of a table", false)
    .addHelpText(
      "after",
      `
Examples:
  $ floecat-capture capture ./lake/orders
  $ floecat-capture capture ./lake/orders --snapshot 7 --columns amount --columns shop
  $ floecat-capture capture 'data/2026-*/*.parquet' --outputs page-index --out ./index

Exit codes: 0 done; 1 a file, table or snapshot could not be captured, other files were; 2 wrong use; 130 interrupted.`,
    )
    .action(async (uris: string[], options: Record<string, unknown>) => {
      const { runCapture } = await import("./capture/run.ts");
      finish(await runCapture(uris, options));
    });

  program
    .command("inspect")
    .summary("show a Parquet file, a sidecar or a capture's NDJSON")
    .description(
      "Shows what is in a file: row groups, chunks and pages of a Parquet file, the page rows of a sidecar, or the records of stats.ndjson and artifacts.ndjson.",
    )
    .argument("<file>", "a Parquet file, a sidecar, stats.ndjson or artifacts.ndjson")
    .option("--pages", "list every page of a Parquet file", false)
    .option("--limit <n>", "rows to show of each table; 0 shows all", "50")
    .option("--json", "print JSON instead of tables", false)
    .addHelpText(
      "after",
      `
Examples:
  $ floecat-capture inspect ./lake/orders/part-0.parquet --pages
  $ floecat-capture inspect ./floecat-capture-out/sidecars/<sha256>.parquet
  $ floecat-capture inspect ./floecat-capture-out/stats.ndjson`,
    )
    .action(async (file: string, options: Record<string, unknown>) => {
      const { runInspect } = await import("./inspect/run.ts");
      finish(await runInspect(file, options));
    });

  addWorker(program, finish);
  addControlPlane(program, finish);
  addEnqueue(program, finish);
  addJobs(program, finish);

  withSettings(
    program
      .command("config")
      .summary("print the effective settings and where each came from")
      .description(
        "Prints every setting with its effective value and the flag, environment variable or file that said it. Secrets are masked. docs/configuration.md explains each.",
      )
      .option("--json", "print JSON instead of a table", false),
  ).action(async (options: Record<string, unknown>) => {
    const { runConfig } = await import("./config/run.ts");
    finish(await runConfig(options));
  });
  return program;
}

/** Every option is a setting: the settings know the defaults, so that a flag that isn't given doesn't hide one. */
function addWorker(program: Command, finish: (code: ExitCode) => void): void {
  const worker = program
    .command("worker")
    .summary("lease file groups from a control plane and capture them")
    .description(
      "Leases file-group capture jobs from a Floecat control plane (or the embedded one), captures them and submits the results. SIGTERM drains: running groups finish, nothing new is leased.",
    );
  withSettings(withConnection(worker))
    .addOption(
      new Option("--wire <generation>", "skip detection, for servers without reflection").choices([
        "auto",
        "chunked",
        "inline",
      ]),
    )
    .option("--instance <name>", "tells workers of one host apart")
    .option("--threads <n>", "capture threads (default: one per processor)")
    .option("--max-parallelism <n>", "groups captured at a time (default: the number of threads)")
    .option("--allow-local <root>", "read leased paths of this machine, if they lie below <root>")
    .option("--allow-test-root", "follow fs.floecat.test-root of a connector")
    .option("--lease-ms <ms>", "lease time of the server, if it is not the default of its generation")
    .option("--drain-grace-ms <ms>", "how long running groups may go on after SIGTERM (default: 30000)")
    .option("--max-request-bytes <n>", "largest message that the server takes")
    .addOption(
      new Option("--crc <mode>", "what to do when a page's checksum is wrong (default: error)").choices([
        "error",
        "warn",
        "off",
      ]),
    )
    .addOption(
      new Option("--log-level <level>", "what is logged (default: info)").choices([
        "debug",
        "info",
        "warn",
        "error",
        "silent",
      ]),
    )
    .addHelpText(
      "after",
      `
Every setting can come from the environment or a file, under Floecat's own names: see docs/configuration.md and \`floecat-capture config\`.

Examples:
  $ floecat-capture worker --control-plane http://127.0.0.1:9100 --allow-local ./lake
  $ FLOECAT_GRPC_HOST=service floecat-capture worker --config worker.properties

Exit codes: 0 drained; 1 the control plane can't be served; 2 wrong use.`,
    )
    .action(async (options: Record<string, unknown>) => {
      const { runWorker } = await import("./worker/run.ts");
      finish(await runWorker(options));
    });
}

/** Where the control plane is, and the TLS to it. */
function withConnection(command: Command): Command {
  return command
    .option(
      "--control-plane <url>",
      `address, http://host:port or https://host:port (default: ${DEFAULT_CONTROL_PLANE})`,
    )
    .option("--tls-ca <file>", "PEM file with the authorities to trust instead of the system's")
    .option("--tls-cert <file>", "PEM file with our client certificate")
    .option("--tls-key <file>", "PEM file with its private key");
}

/** The options of every command that reads settings. */
function withSettings(command: Command): Command {
  return command
    .option("--config <file>", "settings file, .properties or .json")
    .option("--set <key=value>", "one setting by its property name; repeat for more", repeated, []);
}

const DEFAULT_CONTROL_PLANE = "http://127.0.0.1:9100";

function addControlPlane(program: Command, finish: (code: ExitCode) => void): void {
  const controlPlane = program
    .command("control-plane")
    .summary("run the embedded control plane")
    .description(
      "A control plane on this machine, in place of a Floecat deployment: takes tables from `enqueue`, plans them, hands their file groups to workers and keeps the results.",
    );
  withSettings(controlPlane)
    .option("--listen <host:port>", "address to listen on (default: 127.0.0.1:9100)")
    .option("--data <dir>", "folder for jobs and results (default: ./floecat-control-plane)")
    .addOption(
      new Option("--wire <generation>", "wire generation to speak (default: chunked)").choices([
        "chunked",
        "inline",
      ]),
    )
    .option("--lease-ms <ms>", "how long a lease lives without renewal (default: that of the generation)")
    .option("--max-attempts <n>", "attempts of a job before it fails for good (default: 8)")
    .option("--base-backoff-ms <ms>", "wait before the second attempt, doubled with each (default: 500)")
    .option("--max-message-bytes <n>", "largest message taken (default: that of the generation)")
    .addOption(
      new Option("--log-level <level>", "what is logged (default: info)").choices([
        "debug",
        "info",
        "warn",
        "error",
        "silent",
      ]),
    )
    .addHelpText("after", "\nExit codes: 0 stopped by a signal; 1 failed; 2 wrong use.")
    .action(async (options: Record<string, unknown>) => {
      const { runControlPlane } = await import("./control-plane/run.ts");
      finish(await runControlPlane(options));
    });
}

function addEnqueue(program: Command, finish: (code: ExitCode) => void): void {
  program
    .command("enqueue")
    .summary("give a table to the embedded control plane")
    .description(
      "Plans a table into file groups and queues them for the workers of the embedded control plane.",
    )
    .argument("<table-uri>", "a table folder, a folder of Parquet files, one file or a glob")
    .option("--control-plane <url>", "address of the control plane", DEFAULT_CONTROL_PLANE)
    .option("--snapshot <id>", "Delta version or Iceberg snapshot id, or `latest`", "latest")
    .option(
      "--outputs <list>",
      "comma-separated: table, file, column, page-index",
      "table,file,column,page-index",
    )
    .option("--ndv", "estimate the number of distinct values of each column", false)
    .option("--columns <selector>", "only this column; repeat for more", repeated, [])
    .option("--files-per-group <n>", "files of one group (default: 8)")
    .option("--full-rescan", "capture as a full rescan", false)
    .option("--wait", "stay until the capture has ended and show the result", false)
    .option("--out <dir>", "with --wait: write the result as `capture` does")
    .option("--force", "replace an earlier result in --out", false)
    .option("--json", "print one JSON object instead of text", false)
    .addHelpText(
      "after",
      `
Examples:
  $ floecat-capture enqueue ./lake/orders --wait
  $ floecat-capture enqueue ./lake/orders --snapshot 7 --columns amount --files-per-group 2

Exit codes: 0 done; 1 the capture failed or was cancelled; 2 wrong use; 130 interrupted (the capture goes on).`,
    )
    .action(async (uri: string, options: Record<string, unknown>) => {
      const { runEnqueue } = await import("./enqueue/run.ts");
      finish(await runEnqueue(uri, options));
    });
}

function addJobs(program: Command, finish: (code: ExitCode) => void): void {
  const jobs = program
    .command("jobs")
    .summary("list, show and cancel the jobs of a control plane")
    .description("Jobs of a control plane, Floecat's or the embedded one: list, show one, cancel one.");
  const connected = (command: Command) =>
    withSettings(withConnection(command)).option("--json", "print JSON instead of tables", false);

  connected(jobs.command("list").description("List jobs, newest first."))
    .option("--state <state>", "only jobs in this state; repeat for more", repeated, [])
    .option("--roots", "only jobs without a parent", false)
    .option("--limit <n>", "jobs to show", "50")
    .action(async (options: Record<string, unknown>) => {
      const { runJobsList } = await import("./jobs/run.ts");
      finish(await runJobsList(options));
    });
  connected(jobs.command("show").description("Show one job, its files and its descendants."))
    .argument("<job-id>")
    .action(async (jobId: string, options: Record<string, unknown>) => {
      const { runJobsShow } = await import("./jobs/run.ts");
      finish(await runJobsShow(jobId, options));
    });
  connected(jobs.command("cancel").description("Cancel a job and what descends from it."))
    .argument("<job-id>")
    .argument("[reason]")
    .action(async (jobId: string, reason: string | undefined, options: Record<string, unknown>) => {
      const { runJobsCancel } = await import("./jobs/run.ts");
      finish(await runJobsCancel(jobId, reason, options));
    });
}
