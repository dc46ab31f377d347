import type { Command } from "commander";
import { UsageError } from "../../model/index.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { commandTree } from "./tree.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** `floecat-capture completion <shell>`: the script, made from the very command line that parses. */
export function runCompletion(program: Command, shell: string): ExitCode {
  if (!isShell(shell)) throw new UsageError(`no completion for ${shell}`);
  process.stdout.write(SCRIPTS[shell](program.name(), commandTree(program)));
  return EXIT.done;
}

function isShell(shell: string): shell is keyof typeof SCRIPTS {
  return Object.hasOwn(SCRIPTS, shell);
}
