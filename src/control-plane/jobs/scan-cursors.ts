import type { JobsTable, QueueOptions } from "../store/index.ts";
import type { Job } from "./job.ts";
import type { LeaseFilter, Selection } from "./matching.ts";

/**
 * Reading the indexes of the queue. The real chunked server looks at one page of 16 entries of an index in a call and goes on
 * behind it in the next one, from the beginning again once the end or an entry that isn't due yet was reached (02 §3.3): a call may
 * so find nothing although there is work. Unpaged, every call sees everything.
 */
export interface ScanCursors {
  read(selection: Selection, filter: LeaseFilter, options: QueueOptions): Iterable<Job>;
}

const PAGE_ENTRIES = 16;

export function scanCursors(jobs: Pick<JobsTable, "queued">, paged: boolean): ScanCursors {
  if (!paged) return { read: (selection, _, options) => jobs.queued(selection, options) };
  const cursors = new Map<string, Job>();
  return {
    read(selection, filter, options) {
      const shape = JSON.stringify([selection, requestShape(filter)]);
      const after = cursors.get(shape);
      const page = [...jobs.queued(selection, { ...options, after, limit: PAGE_ENTRIES })];
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_ENTRIES) cursors.delete(shape);
      else cursors.set(shape, last);
      return page;
    },
  };
}

function requestShape(filter: LeaseFilter): unknown {
  return [filter.executionClasses, filter.lanes, filter.kinds, filter.executorIds].map((set) =>
    [...set].sort(),
  );
}
