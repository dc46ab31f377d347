import { Option } from "commander";
import { type AddCommand, withConnection, withSettings } from "./shared.ts";

/** Every option is a setting: the settings know the defaults, so that a flag that isn't given doesn't hide one. */
export const addWorker: AddCommand = (program, finish) => {
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
    .option(
      "--max-memory <size>",
      "memory the process may use, such as 512m or 2g (default: 256m up to two threads)",
    )
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
    .option("--http <host:port>", "health, metrics and status page, such as 127.0.0.1:9464 (default: none)")
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
      const { runWorker } = await import("../worker/run.ts");
      finish(await runWorker(options));
    });
};
