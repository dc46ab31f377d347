/** A line of a command's result, on standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
