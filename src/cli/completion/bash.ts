import { type CommandNode, flatten } from "./tree.ts";

/**
 * The script for bash 3.2 and later: it walks the words to find the command, then offers the values of the option before the
 * cursor, or options, subcommands and, where arguments go, files.
 */
export function bashScript(program: string, tree: CommandNode): string {
  const nodes = flatten(tree);
  const steps = nodes.flatMap((node) =>
    node.children.map(
      (child) => `      ${quote(`${key(node)}/${last(child)}`)}) path=${quote(key(child))} ;;`,
    ),
  );
  const values = nodes.flatMap((node) =>
    node.options.flatMap(({ flag, takesValue, choices }) => {
      if (!takesValue) return [];
      const offer =
        choices.length === 0 ? "" : `COMPREPLY=($(compgen -W ${quote(choices.join(" "))} -- "$current")); `;
      return [`    ${quote(`${key(node)} ${flag}`)}) ${offer}return ;;`];
    }),
  );
  const words = nodes.map((node) => {
    const subcommands = [...node.children.map(last), ...node.argumentChoices];
    return `    ${quote(key(node))}) options=${quote(node.options.map(({ flag }) => flag).join(" "))}; words=${quote(subcommands.join(" "))} ;;`;
  });
  return `# ${program}: completion for bash
_floecat_capture() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  local path="" options="" words="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path/\${COMP_WORDS[i]}" in
${steps.join("\n")}
    esac
  done
  case "$path $previous" in
${values.join("\n")}
  esac
  case "$path" in
${words.join("\n")}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o bashdefault -o default -F _floecat_capture ${program}
`;
}

function key(node: CommandNode): string {
  return node.path.join("/");
}

function last(node: CommandNode): string {
  return node.path.at(-1) ?? "";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
