import { type CommandNode, flatten } from "./tree.ts";

/** The script for fish: one `complete` a command, option and value. */
export function fishScript(program: string, tree: CommandNode): string {
  const lines = flatten(tree).flatMap((node) => {
    const here = condition(node);
    const files = node.takesArguments && node.argumentChoices.length === 0 ? " -F" : " -f";
    return [
      ...node.children.map(
        (child) => `complete -c ${program} -n ${here} -f -a ${child.path.at(-1)} -d ${quote(child.summary)}`,
      ),
      ...(node.argumentChoices.length === 0
        ? []
        : [`complete -c ${program} -n ${here} -f -a ${quote(node.argumentChoices.join(" "))}`]),
      ...(node.children.length > 0 ? [] : [`complete -c ${program} -n ${here}${files}`]),
      ...node.options.map(({ flag, description, takesValue, choices, isPath }) => {
        const values = choices.length > 0 ? ` -x -a ${quote(choices.join(" "))}` : isPath ? " -r -F" : " -x";
        return `complete -c ${program} -n ${here} -l ${flag.replace(/^--/, "")} -d ${quote(description)}${takesValue ? values : ""}`;
      }),
    ];
  });
  return `# ${program}: completion for fish
${lines.join("\n")}
`;
}

/** The command is the one being completed: its words are there, and none of its subcommands. */
function condition(node: CommandNode): string {
  const inside = node.path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const below = node.children.map((child) => child.path.at(-1) ?? "");
  const notBelow = below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(" ")}`];
  const all = [...inside, ...notBelow];
  return quote(all.length === 0 ? "true" : all.join("; and "));
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
