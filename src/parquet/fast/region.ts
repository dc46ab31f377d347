/** Bytes in the memory of a session. */
export interface Region {
  readonly address: number;
  readonly length: number;
}

/** `count` values as PLAIN lays them out. */
export interface PlainValues extends Region {
  readonly count: number;
}
