/** One value that differs; undefined where a side lacks it. */
export interface FieldDifference {
  /** Names joined with `.`; entries of a list by their key, or by their index: `file.columns[7].scalar.min`. */
  readonly field: string;
  readonly left: unknown;
  readonly right: unknown;
}

/** Times of the clock, wherever they stand: two captures of the same bytes differ in nothing else. */
const CLOCK_NAMES = new Set(["createdAt", "refreshedAt", "capturedAt", "capturedAtMs", "refreshedAtMs"]);

/**
 * What differs between two JSON values. Lists whose entries have a `columnId` are compared by it, since the order of columns
 * says nothing (decision 16); others by index. `ignored` names fields without their indices; times of the clock are left out
 * always.
 */
export function compareFields(
  left: unknown,
  right: unknown,
  ignored: ReadonlySet<string>,
): readonly FieldDifference[] {
  const differences: FieldDifference[] = [];
  compare({ path: "", plain: "" }, left, right);
  return differences;

  function compare(at: Place, a: unknown, b: unknown): void {
    if (ignored.has(at.plain)) return;
    if (Array.isArray(a) && Array.isArray(b)) compareEntries(at, keyed(a), keyed(b));
    else if (isObject(a) && isObject(b)) {
      compareEntries(at, new Map(Object.entries(a)), new Map(Object.entries(b)), true);
    } else if (!Object.is(a, b)) differences.push({ field: at.path, left: a, right: b });
  }

  function compareEntries(
    at: Place,
    a: ReadonlyMap<string, unknown>,
    b: ReadonlyMap<string, unknown>,
    named = false,
  ): void {
    for (const key of new Set([...a.keys(), ...b.keys()])) {
      if (named && CLOCK_NAMES.has(key)) continue;
      const place = named
        ? { path: joined(at.path, key), plain: joined(at.plain, key) }
        : { path: `${at.path}[${key}]`, plain: at.plain };
      compare(place, a.get(key), b.get(key));
    }
  }
}

interface Place {
  readonly path: string;
  /** Without indices. */
  readonly plain: string;
}

function joined(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function keyed(list: readonly unknown[]): ReadonlyMap<string, unknown> {
  const byColumn = new Map<string, unknown>();
  for (const entry of list) {
    if (isObject(entry) && typeof entry.columnId === "string") byColumn.set(entry.columnId, entry);
  }
  return byColumn.size === list.length ? byColumn : new Map(list.map((entry, i) => [String(i), entry]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
