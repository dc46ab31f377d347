/** One of the programs that the benchmark compares, as its process is told. */
export interface Contender {
  /** `bytes`: every byte of the data files is fetched once and thrown away, in requests of 8 MiB, 32 at a time. */
  readonly work: "capture" | "bytes";
  readonly uri: string;
  /** Undefined: the table lies on the disk. */
  readonly endpoint: string | undefined;
  readonly latencyMs: number | undefined;
  readonly files: readonly { readonly name: string; readonly size: number }[];
  readonly threads: number;
  readonly out: string;
}

export interface RunReport {
  readonly ms: number;
  readonly files: number;
  readonly requests: number;
  readonly bytesRead: number;
  /** Of the process since its start. */
  readonly peakRssMiB: number;
}
