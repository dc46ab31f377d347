import { Option } from "commander";
import { type AddCommand, withConnection, withSettings, withStores } from "./shared.ts";

export const addDoctor: AddCommand = (program, finish) => {
  const doctor = program
    .command("doctor")
    .summary("check what a worker needs, one line a check")
    .description(
      "Checks settings, machine, network, control plane, token, permission, clock and storage with the settings that `worker` would use, says what was found and what to do next. Nothing is leased or changed.",
    );
  withStores(withSettings(withConnection(doctor)))
    .addOption(
      new Option("--wire <generation>", "the generation that the worker would be told to speak").choices([
        "auto",
        "chunked",
        "inline",
      ]),
    )
    .option("--threads <n>", "capture threads (default: one per processor)")
    .option(
      "--max-memory <size>",
      "memory the process may use, such as 512m or 2g (default: 256m up to two threads)",
    )
    .option("--storage <uri>", "a file to read some bytes of, where the tables are")
    .option("--timeout <seconds>", "how long each check may take", "10")
    .option("--json", "print one JSON array", false)
    .addHelpText(
      "after",
      `
Examples:
  $ floecat-capture doctor --control-plane http://127.0.0.1:9100
  $ floecat-capture doctor --config worker.properties --storage s3://lake/orders/part-0.parquet

Exit codes: 0 no check failed; 1 some did; 2 wrong use.`,
    )
    .action(async (options: Record<string, unknown>) => {
      const { runDoctor } = await import("../doctor/run.ts");
      finish(await runDoctor(options));
    });
};
