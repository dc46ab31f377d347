import { execFileSync } from "node:child_process";
import { Argument, Command, Option } from "commander";
import { expect, it } from "vitest";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { commandTree } from "./tree.ts";
import { zshScript } from "./zsh.ts";

function program(): Command {
  const root = new Command("prog").description("A program.");
  root
    .command("read")
    .summary("it's [one] file: read")
    .argument("<file>")
    .addOption(new Option("--as <form>", "how").choices(["text", "json"]))
    .option("--out <dir>", "where to")
    .option("--all", "everything");
  const jobs = root.command("jobs");
  jobs.command("list").description("List jobs. Newest first.").option("--limit <n>", "how many");
  root.command("shell").addArgument(new Argument("<name>").choices(["bash", "zsh"]));
  return root;
}

const tree = commandTree(program());
const hasBash = tool("bash");

function tool(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What bash offers after these words; the last one is being typed. */
function offered(...words: readonly string[]): string[] {
  const run = `${bashScript("prog", tree)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _floecat_capture; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync("bash", ["-c", run, "bash", "prog", ...words], { encoding: "utf8" });
  return output.split("\n").filter((word) => word !== "");
}

it.runIf(hasBash)("completion: bash offers commands, subcommands, options and values", () => {
  expect(offered("")).toEqual(["read", "jobs", "shell"]);
  expect(offered("jobs", "")).toEqual(["list"]);
  expect(offered("jobs", "list", "--l")).toEqual(["--limit"]);
  expect(offered("read", "--as", "")).toEqual(["text", "json"]);
  expect(offered("read", "x", "--as", "j")).toEqual(["json"]);
  expect(offered("shell", "")).toEqual(["bash", "zsh"]);
  expect(offered("read", "--")).toEqual(["--as", "--out", "--all", "--help"]);
});

it.runIf(hasBash)("completion: bash leaves files to the shell", () => {
  expect(offered("read", "")).toEqual([]);
  expect(offered("read", "--out", "")).toEqual([]);
});

it("completion: the scripts of zsh and fish name every command and option", () => {
  const zsh = zshScript("prog", tree);
  expect(zsh).toContain("#compdef prog\n");
  expect(zsh).toContain("'read:it'\\''s one file\\: read'");
  expect(zsh).toContain("'--as[how]: :(text json)' '--out[where to]: :_files' '--all[everything]'");
  expect(zsh).toContain("list) _floecat_capture__jobs__list ;;");
  const fish = fishScript("prog", tree);
  expect(fish).toContain("-a read -d 'it\\'s [one] file: read'");
  expect(fish).toContain("-n '__fish_seen_subcommand_from read' -l as -d 'how' -x -a 'text json'");
  expect(fish).toContain(
    "-n '__fish_seen_subcommand_from jobs; and not __fish_seen_subcommand_from list' -f -a list -d 'List jobs'",
  );
});

it.runIf(tool("zsh"))("completion: zsh reads its script", () => {
  execFileSync("zsh", ["-n"], { input: zshScript("prog", tree) });
});

it.runIf(tool("fish"))("completion: fish reads its script", () => {
  execFileSync("fish", ["-n", "-c", fishScript("prog", tree)]);
});
