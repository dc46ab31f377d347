/**
 * Writers whose byte-array statistics can't be trusted (PARQUET-251), judged by `created_by` as parquet-java does (05 §7.3).
 */
export function byteArrayStatisticsAreCorrupt(createdBy: string | undefined): boolean {
  if (createdBy === undefined || createdBy === "") return true;
  const writer = WRITER.exec(createdBy);
  if (writer === null) return true;
  if (writer[1] !== "parquet-mr") return false;
  const version = parseVersion(writer[2] ?? "");
  return version === undefined || (compareVersions(version, FIXED) < 0 && !isFixedCdhBuild(version));
}

const WRITER = /^(.*?)\s+version\s*(?:([^(]*?)\s*(?:\(\s*build\s*[^)]*?\s*\))?)?$/;
const VERSION = /^(\d+)\.(\d+)\.(\d+)([^-+]*)(?:-([^+]*))?(?:\+.*)?$/;

interface Version {
  readonly numbers: readonly [number, number, number];
  /** Text glued to the patch number, as in `1.8.0rc1`: older than the release. */
  readonly suffixed: boolean;
  readonly prerelease: string | undefined;
}

const FIXED: Version = { numbers: [1, 8, 0], suffixed: false, prerelease: undefined };
const CDH_FIXED_START: Version = { numbers: [1, 5, 0], suffixed: false, prerelease: "cdh5.5.0" };
const CDH_FIXED_END: Version = { numbers: [1, 5, 0], suffixed: false, prerelease: undefined };

function isFixedCdhBuild(version: Version): boolean {
  return compareVersions(version, CDH_FIXED_START) >= 0 && compareVersions(version, CDH_FIXED_END) < 0;
}

function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  return {
    numbers: [Number(match[1]), Number(match[2]), Number(match[3])],
    suffixed: match[4] !== "",
    prerelease: match[5],
  };
}

function compareVersions(a: Version, b: Version): number {
  for (const i of [0, 1, 2] as const) {
    if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i];
  }
  if (a.suffixed !== b.suffixed) return a.suffixed ? -1 : 1;
  if (a.prerelease === undefined || b.prerelease === undefined) {
    return Number(a.prerelease === undefined) - Number(b.prerelease === undefined);
  }
  return a.prerelease.localeCompare(b.prerelease, "en", { numeric: true });
}
