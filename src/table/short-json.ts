/** As much of a JSON value as a message can take. A hostile one may be nested more deeply than `JSON.stringify` can follow. */
export function shortJson(value: unknown, maxLength: number): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? "nothing";
  } catch {
    text = Array.isArray(value) ? "an array" : "an object";
  }
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`;
}
