/** Free text of an error in chunked (02 §1.4): one line, at most `maxChars` characters, head and tail kept. */
export function clampText(text: string, maxChars: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= maxChars) return line;
  const budget = Math.max(0, maxChars - (5 + String(line.length).length + 18));
  const head = Math.ceil(budget / 2);
  const tail = budget - head;
  return `${line.slice(0, head)} ...[${line.length - budget} chars elided]... ${line.slice(line.length - tail)}`;
}
