import type { Command } from "commander";

/** What completion needs to know of a command; plain data, so that a script is a function of it. */
export interface CommandNode {
  /** Words that lead to it, without the program's name: `["jobs", "list"]`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly options: readonly OptionNode[];
  /** Values of its first argument, if they are known. */
  readonly argumentChoices: readonly string[];
  readonly takesArguments: boolean;
  readonly children: readonly CommandNode[];
}

export interface OptionNode {
  /** `--format`. */
  readonly flag: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** Empty if any value may follow. */
  readonly choices: readonly string[];
  /** The value is a path. */
  readonly isPath: boolean;
}

const HELP: OptionNode = {
  flag: "--help",
  description: "display help for command",
  takesValue: false,
  choices: [],
  isPath: false,
};

export function commandTree(command: Command, path: readonly string[] = []): CommandNode {
  return {
    path,
    summary: command.summary() || firstSentence(command.description()),
    options: [...command.options.filter(({ hidden }) => !hidden).map(optionNode), HELP],
    argumentChoices: [...(command.registeredArguments[0]?.argChoices ?? [])],
    takesArguments: command.registeredArguments.length > 0,
    children: command.commands.map((child) => commandTree(child, [...path, child.name()])),
  };
}

function optionNode(option: Command["options"][number]): OptionNode {
  const takesValue = option.required || option.optional;
  return {
    flag: option.long ?? option.short ?? "",
    description: option.description,
    takesValue,
    choices: [...(option.argChoices ?? [])],
    isPath: takesValue && /<(?:dir|file|root|folder|path)>/.test(option.flags),
  };
}

function firstSentence(text: string): string {
  return text.split(/[.:](?:\s|$)/)[0] ?? text;
}

/** The command and all below it. */
export function flatten(node: CommandNode): readonly CommandNode[] {
  return [node, ...node.children.flatMap(flatten)];
}
