import { UsageError } from "../../model/index.ts";

const MAX_DEPTH = 32;

/** A JSON object as properties: `{"a": {"b": 1}}` is `a.b` = `1`, and `{"a.b": 1}` too. Null sets nothing. */
export function parseJsonSettings(text: string, file: string): Map<string, string> {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may be a secret.
    throw new UsageError(`settings file ${file}: not valid JSON`);
  }
  if (!isObject(root)) throw new UsageError(`settings file ${file}: a JSON object is needed`);
  const properties = new Map<string, string>();
  flatten(root, "", 1);
  return properties;

  function flatten(object: object, prefix: string, depth: number): void {
    for (const [name, value] of Object.entries(object)) {
      const key = `${prefix}${name}`;
      if (isObject(value) && depth < MAX_DEPTH) flatten(value, `${key}.`, depth + 1);
      else if (typeof value === "string") properties.set(key, value);
      else if (typeof value === "number" || typeof value === "boolean") properties.set(key, String(value));
      else if (value !== null) {
        throw new UsageError(`settings file ${file}: ${key} has to be a text, a number, true or false`);
      }
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
