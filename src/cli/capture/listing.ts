import type { TableFile, TableSnapshot } from "../../table/index.ts";

/** The files of a table as they are listed. */
export interface Listing {
  readonly files: AsyncIterable<TableFile>;
  /** Of the files that can be read; undefined while the end of the listing hasn't been reached. */
  totals(): ListingTotals | undefined;
}

export interface ListingTotals {
  readonly files: number;
  readonly bytes: number;
}

/** So many files are listed before the first is captured: nearly every table whole. Of a larger one no list is ever held. */
const LISTED_AHEAD = 10_000;

export async function startListing(
  snapshot: Pick<TableSnapshot, "scan">,
  signal: AbortSignal,
  listedAhead = LISTED_AHEAD,
): Promise<Listing> {
  const batches = snapshot.scan({ signal })[Symbol.asyncIterator]();
  const counted = { files: 0, bytes: 0 };
  let ended = false;
  const nextBatch = async (): Promise<readonly TableFile[]> => {
    const next = await batches.next();
    if (next.done) {
      ended = true;
      return [];
    }
    for (const file of next.value) {
      if (!file.readable) continue;
      counted.files++;
      counted.bytes += Number(file.sizeBytes);
    }
    return next.value;
  };
  const first: TableFile[] = [];
  while (!ended && first.length < listedAhead) first.push(...(await nextBatch()));
  async function* files() {
    try {
      yield* first.splice(0);
      while (!ended) yield* await nextBatch();
    } finally {
      await batches.return?.();
    }
  }
  return { files: files(), totals: () => (ended ? counted : undefined) };
}
