import { Option } from "commander";
import { type AddCommand, withSettings } from "./shared.ts";

export const addControlPlane: AddCommand = (program, finish) => {
  const controlPlane = program
    .command("control-plane")
    .summary("run the embedded control plane")
    .description(
      "A control plane on this machine, in place of a Floecat deployment: takes tables from `enqueue`, plans them, hands their file groups to workers and keeps the results.",
    );
  withSettings(controlPlane)
    .option("--listen <host:port>", "address to listen on (default: 127.0.0.1:9100)")
    .option("--data <dir>", "folder for jobs and results (default: ./floecat-control-plane)")
    .option(
      "--authorities <file>",
      "JSON file of storage authorities: S3 credentials for workers, by location",
    )
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
    .addHelpText("after", "\nExit codes: 0 stopped by a signal; 1 failed; 2 wrong use.")
    .action(async (options: Record<string, unknown>) => {
      const { runControlPlane } = await import("../control-plane/run.ts");
      finish(await runControlPlane(options));
    });
};
