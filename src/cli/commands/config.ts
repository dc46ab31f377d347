import { type AddCommand, withSettings } from "./shared.ts";

export const addConfig: AddCommand = (program, finish) => {
  withSettings(
    program
      .command("config")
      .summary("print the effective settings and where each came from")
      .description(
        "Prints every setting with its effective value and the flag, environment variable or file that said it. Secrets are masked. docs/configuration.md explains each.",
      )
      .option("--json", "print JSON instead of a table", false)
      .addHelpText(
        "after",
        `
Examples:
  $ floecat-capture config --config worker.properties
  $ floecat-capture config --json

Exit codes: 0 done; 2 wrong use or a settings file that can't be read.`,
      ),
  ).action(async (options: Record<string, unknown>) => {
    const { runConfig } = await import("../config/run.ts");
    finish(await runConfig(options));
  });
};
