import type { PageBounds, PageIndexRow } from "../model/index.ts";

/** Whether no row of a page can pass, by its bounds. */
export type BoundsTest = (bounds: PageBounds, row: PageIndexRow) => boolean;

/** Why a part of a predicate can't be decided on a column, for the reader. */
export class Undecided {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}
