import type { CommandNode, OptionNode } from "./tree.ts";

/** The script for zsh's completion system: one function a command, by `_arguments`. */
export function zshScript(program: string, tree: CommandNode): string {
  return `#compdef ${program}
# ${program}: completion for zsh
${functions(tree).join("\n")}
${functionName(tree)} "$@"
`;
}

function functions(node: CommandNode): readonly string[] {
  return [...node.children.flatMap(functions), node.children.length > 0 ? chooser(node) : leaf(node)];
}

function chooser(node: CommandNode): string {
  const commands = node.children.map((child) => `    ${quote(`${name(child)}:${plain(child.summary)}`)}`);
  const cases = node.children.map((child) => `        ${name(child)}) ${functionName(child)} ;;`);
  return `${functionName(node)}() {
  local curcontext="$curcontext" state line
  local -a commands=(
${commands.join("\n")}
  )
  _arguments -C ${node.options.map(option).join(" ")} '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands command commands ;;
    rest)
      case $line[1] in
${cases.join("\n")}
      esac
      ;;
  esac
}`;
}

function leaf(node: CommandNode): string {
  const values = node.argumentChoices.length > 0 ? `(${node.argumentChoices.join(" ")})` : "_files";
  const argument = node.takesArguments ? ` ${quote(`*: :${values}`)}` : "";
  return `${functionName(node)}() {
  _arguments ${node.options.map(option).join(" ")}${argument}
}`;
}

function option({ flag, description, takesValue, choices, isPath }: OptionNode): string {
  const value = choices.length > 0 ? `(${choices.join(" ")})` : isPath ? "_files" : " ";
  return quote(`${flag}[${plain(description)}]${takesValue ? `: :${value}` : ""}`);
}

/** Colons and brackets end a description in zsh's notation. */
function plain(text: string): string {
  return text.replace(/[[\]]/g, "").replaceAll(":", "\\:");
}

function functionName(node: CommandNode): string {
  return ["_floecat_capture", ...node.path.map((word) => word.replaceAll("-", "_"))].join("__");
}

function name(node: CommandNode): string {
  return node.path.at(-1) ?? "";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
