/** At most so many at a time; the others wait in line. A place is given back by calling what `enter` resolved to. */
export interface Semaphore {
  enter(signal: AbortSignal): Promise<() => void>;
}

export function createSemaphore(places: number): Semaphore {
  let free = places;
  const waiting: (() => void)[] = [];

  function leaveOnce(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    };
  }

  return {
    enter(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        if (free > 0) {
          free--;
          resolve(leaveOnce());
          return;
        }
        const onTurn = () => {
          signal.removeEventListener("abort", onAbort);
          resolve(leaveOnce());
        };
        const onAbort = () => {
          waiting.splice(waiting.indexOf(onTurn), 1);
          reject(signal.reason);
        };
        waiting.push(onTurn);
        signal.addEventListener("abort", onAbort, { once: true });
      });
    },
  };
}
