/** Keys of `value` and below that nobody has asked for, as paths. */
export interface Watched {
  readonly value: unknown;
  unread(): readonly string[];
}

/**
 * A view of plain data that notes which fields are read. The validators of Kubernetes' schemas ask for every field that they
 * know, and skip what they don't: a misspelt field is one that nobody asked for.
 */
export function watchReads(value: unknown): Watched {
  const read = new Set<string>();
  const all: string[] = [];
  return { value: watch(value, ""), unread: () => all.filter((path) => !read.has(path)) };

  function watch(data: unknown, path: string): unknown {
    if (typeof data !== "object" || data === null) return data;
    if (Array.isArray(data)) return data.map((entry, i) => watch(entry, `${path}[${i}]`));
    const inner = new Map<string, unknown>();
    for (const [key, entry] of Object.entries(data)) {
      all.push(`${path}.${key}`);
      inner.set(key, watch(entry, `${path}.${key}`));
    }
    return new Proxy(Object.fromEntries(inner), {
      get(target, key) {
        if (typeof key === "string" && inner.has(key)) read.add(`${path}.${key}`);
        return Reflect.get(target, key);
      },
    });
  }
}
