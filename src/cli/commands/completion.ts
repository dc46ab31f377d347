import { Argument } from "commander";
import type { AddCommand } from "./shared.ts";

export const addCompletion: AddCommand = (program, finish) => {
  program
    .command("completion")
    .summary("print a completion script for your shell")
    .description("Prints a script that completes commands, options and their values.")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      `
Where it goes:
  bash  floecat-capture completion bash > ~/.local/share/bash-completion/completions/floecat-capture
  zsh   floecat-capture completion zsh > "\${fpath[1]}/_floecat-capture"
  fish  floecat-capture completion fish > ~/.config/fish/completions/floecat-capture.fish

Examples:
  $ floecat-capture completion bash

Exit codes: 0 done; 2 wrong use.`,
    )
    .action(async (shell: string) => {
      const { runCompletion } = await import("../completion/run.ts");
      finish(runCompletion(program, shell));
    });
};
