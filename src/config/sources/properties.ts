/**
 * The `.properties` format as Java reads it, since the reference's settings come in such files: comments with `#` and `!`,
 * `=`, `:` or blanks as separator, continued lines, escapes. The last of two equal keys wins.
 */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const { key, value } = splitLine(line);
    properties.set(unescaped(key), unescaped(value));
  }
  return properties;
}

function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let continued: string | undefined;
  for (const natural of text.split(/\r\n|\n|\r/)) {
    const line = natural.replace(/^[ \t\f]+/, "");
    if (continued === undefined && (line === "" || line.startsWith("#") || line.startsWith("!"))) continue;
    const whole = (continued ?? "") + line;
    if (endsWithOddBackslashes(line)) {
      continued = whole.slice(0, -1);
    } else {
      lines.push(whole);
      continued = undefined;
    }
  }
  if (continued !== undefined && continued !== "") lines.push(continued);
  return lines;
}

function endsWithOddBackslashes(line: string): boolean {
  return (/\\+$/.exec(line)?.[0].length ?? 0) % 2 === 1;
}

function splitLine(line: string): { key: string; value: string } {
  const [head = ""] = /^(?:\\.|[^\\=: \t\f])*/.exec(line) ?? [];
  return { key: head, value: line.slice(head.length).replace(/^[ \t\f]*[=:]?[ \t\f]*/, "") };
}

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex?: string, character?: string) =>
    hex === undefined
      ? (ESCAPES[character ?? ""] ?? character ?? "")
      : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
