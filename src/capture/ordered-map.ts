/**
 * Runs `work` over `items` with at most `concurrency` at a time and yields the results in the order of the items. Nothing is
 * started further ahead than `concurrency`, so results waiting to be taken are bounded too. `work` must not reject: it
 * returns failures as values. Leaving the loop early waits for what is running.
 */
export async function* orderedMap<Item, Result>(
  items: Iterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  const iterator = items[Symbol.iterator]();
  const fill = () => {
    while (running.length < concurrency) {
      const next = iterator.next();
      if (next.done) return;
      running.push(work(next.value));
    }
  };
  try {
    fill();
    for (let next = running.shift(); next !== undefined; next = running.shift()) {
      const result = await next;
      fill();
      yield result;
    }
  } finally {
    await Promise.allSettled(running);
  }
}
