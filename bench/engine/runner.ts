/** One way to do the work, ready to run: what it takes to get ready isn't measured. */
export interface Runner {
  /** Does the work once; says in a few words what came out. */
  run(): Promise<string>;
  close(): Promise<void>;
}

export interface Contender {
  readonly peer: "ours" | "duckdb" | "hyparquet" | "pyarrow";
  readonly threads: number;
  readonly work: "pages" | "ndv" | "read" | "decompress" | "levels";
}

export interface RunReport {
  readonly ms: number;
  /** Processor time of all threads: what a busy machine can't falsify. Undefined for a peer in a process of its own. */
  readonly cpuMs: number | undefined;
  readonly outcome: string;
  /** Highest resident memory of the process so far. */
  readonly peakRssMiB: number;
}
