import type { StatsTable } from "./data.ts";

/** One of the programs that the benchmark compares, as its process is told. */
export interface Contender extends StatsTable {
  readonly work: "capture" | "footers";
  readonly wire: "chunked" | "inline";
  readonly threads: number;
  /** Folder for what a capture writes. */
  readonly out: string;
}

/** What was read of the data files. */
export interface Run {
  readonly files: number;
  readonly requests: number;
  readonly bytesRead: number;
}

export interface RunReport extends Run {
  readonly ms: number;
  /** Of all threads together. */
  readonly cpuMs: number;
  readonly peakRssMiB: number;
}
