/** Exit codes of every command; part of the product's interface. */
export const EXIT = {
  done: 0,
  /** Something asked for could not be captured; the rest was. */
  failed: 1,
  /** Wrong use or wrong settings: nothing was done. */
  usage: 2,
  /** Interrupted by SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
