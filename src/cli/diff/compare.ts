import type { CapturedArtifact, CapturedFolder } from "../../captured/index.ts";
import { compareFields, type FieldDifference } from "./fields.ts";
import { comparePages, type PageDifference } from "./pages.ts";

/** Records of one kind: how many are the same, and which are not. */
export interface RecordsDifference {
  readonly same: number;
  readonly different: readonly { readonly target: string; readonly fields: readonly FieldDifference[] }[];
  readonly onlyLeft: readonly string[];
  readonly onlyRight: readonly string[];
}

export interface CaptureDifference {
  readonly statistics: RecordsDifference;
  readonly artifacts: RecordsDifference;
  /** Data files whose sidecars differ. */
  readonly pages: readonly { readonly file: string; readonly pages: readonly PageDifference[] }[];
}

export function isSame({ statistics, artifacts, pages }: CaptureDifference): boolean {
  const same = ({ different, onlyLeft, onlyRight }: RecordsDifference) =>
    different.length + onlyLeft.length + onlyRight.length === 0;
  return same(statistics) && same(artifacts) && pages.length === 0;
}

interface Compared {
  readonly target: string;
  readonly json: unknown;
}

/**
 * Compares two captures of a table: records by their target, sidecars by their digest, and those that differ page by page.
 */
export async function compareCaptures(
  left: CapturedFolder,
  right: CapturedFolder,
  options: { readonly ignored: ReadonlySet<string>; readonly signal: AbortSignal },
): Promise<CaptureDifference> {
  const { ignored, signal } = options;
  const statistics = await compareRecords(left.statistics({ signal }), right.statistics({ signal }), ignored);
  const pairs: (readonly [CapturedArtifact, CapturedArtifact])[] = [];
  const artifacts = await compareRecords(
    withTarget(left.artifacts({ signal })),
    withTarget(right.artifacts({ signal })),
    ignored,
    (a, b) => pairs.push([a.artifact, b.artifact]),
  );
  const pages = [];
  for (const [a, b] of pairs) {
    if (a.sha256 === b.sha256) continue;
    const [leftRows, rightRows] = [await left.pageRows(a, { signal }), await right.pageRows(b, { signal })];
    pages.push({ file: a.filePath, pages: comparePages(leftRows, rightRows) });
  }
  return { statistics, artifacts, pages };
}

async function* withTarget(artifacts: AsyncIterable<CapturedArtifact>) {
  for await (const artifact of artifacts) {
    yield { target: artifact.filePath, json: artifact.json, artifact };
  }
}

async function compareRecords<T extends Compared>(
  left: AsyncIterable<T>,
  right: AsyncIterable<T>,
  ignored: ReadonlySet<string>,
  onPair: (left: T, right: T) => void = () => {},
): Promise<RecordsDifference> {
  const lefts = new Map<string, T>();
  for await (const record of left) lefts.set(record.target, record);
  const different = [];
  const onlyRight = [];
  let same = 0;
  for await (const record of right) {
    const other = lefts.get(record.target);
    if (other === undefined) {
      onlyRight.push(record.target);
      continue;
    }
    lefts.delete(record.target);
    onPair(other, record);
    const fields = compareFields(other.json, record.json, ignored);
    if (fields.length === 0) same++;
    else different.push({ target: record.target, fields });
  }
  return { same, different, onlyLeft: [...lefts.keys()], onlyRight };
}
