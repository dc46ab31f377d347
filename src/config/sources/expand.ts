/** `${NAME}` and `${NAME:default}` in a settings file, as the reference's own file uses them. */
import { UsageError } from "../../model/index.ts";

const MAX_DEPTH = 16;

/** `lookUp` gives what an environment variable or another property holds. */
export function expand(
  value: string,
  key: string,
  lookUp: (name: string) => string | undefined,
  depth = 0,
): string {
  if (depth > MAX_DEPTH) throw new UsageError(`settings file: ${key}: expressions refer to one another`);
  let expanded = "";
  let rest = value;
  for (let start = rest.indexOf("${"); start >= 0; start = rest.indexOf("${")) {
    const end = closingBrace(rest, start + 2);
    if (end < 0) break;
    expanded += rest.slice(0, start) + resolved(rest.slice(start + 2, end));
    rest = rest.slice(end + 1);
  }
  return expanded + rest;

  function resolved(expression: string): string {
    const colon = expression.indexOf(":");
    const name = (colon < 0 ? expression : expression.slice(0, colon)).trim();
    const found = lookUp(name);
    // As in the reference, an empty variable is no value where there is a default.
    if (found !== undefined && (found !== "" || colon < 0)) return expand(found, key, lookUp, depth + 1);
    if (colon < 0) throw new UsageError(`settings file: ${key} refers to ${name}, which is not set`);
    return expand(expression.slice(colon + 1), key, lookUp, depth + 1);
  }
}

function closingBrace(text: string, from: number): number {
  let open = 1;
  for (let index = from; index < text.length; index += 1) {
    if (text.startsWith("${", index)) open += 1;
    else if (text[index] === "}") open -= 1;
    if (open === 0) return index;
  }
  return -1;
}
