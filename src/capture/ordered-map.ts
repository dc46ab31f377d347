/**
 * Runs `work` over `items` with at most `concurrency` at a time and yields the results in the order of the items. Nothing is
 * started further ahead than that, so results waiting to be taken are bounded too. `work` must not reject: it returns failures
 * as values. Leaving the loop early waits for what is running, and closes the listing.
 */
export async function* orderedMap<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  concurrency: number | (() => number),
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const limit = typeof concurrency === "number" ? () => concurrency : concurrency;
  const running: Promise<Result>[] = [];
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const fill = async () => {
    while (running.length < limit()) {
      const next = await iterator.next();
      if (next.done) return;
      running.push(work(next.value));
    }
  };
  try {
    await fill();
    for (let next = running.shift(); next !== undefined; next = running.shift()) {
      const result = await next;
      await fill();
      yield result;
    }
  } finally {
    await Promise.allSettled(running);
    await iterator.return?.();
  }
}
