/**
 * Inline's demand on FILE records (02 §7): exactly one for each planned path of the snapshot, compared as written. Undefined if
 * it is met, otherwise the message of the terminal failure.
 */
export function coverageMismatch(
  plannedPaths: readonly string[],
  recordedPaths: readonly string[],
): string | undefined {
  const planned = new Set(plannedPaths);
  const recorded = new Set(recordedPaths);
  const counts = Map.groupBy(recordedPaths, (path) => path);
  const duplicates = [...counts].filter(([, same]) => same.length > 1).map(([path]) => path);
  const parts = [
    part(
      "missing",
      [...planned].filter((path) => !recorded.has(path)),
    ),
    part(
      "unexpected",
      [...recorded].filter((path) => !planned.has(path)),
    ),
    part("duplicates", duplicates),
  ].filter((text) => text !== "");
  return parts.length === 0 ? undefined : `Snapshot finalization coverage mismatch ${parts.join(" ")}`;
}

function part(name: string, paths: readonly string[]): string {
  return paths.length === 0 ? "" : `${name}=[${paths.join(", ")}]`;
}
