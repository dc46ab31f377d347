import type { SQLOutputValue } from "node:sqlite";

/** One row, read by column name and expected type. A column of another type means a damaged file. */
export class Row {
  readonly #values: Readonly<Record<string, SQLOutputValue>>;

  constructor(values: Readonly<Record<string, SQLOutputValue>>) {
    this.#values = values;
  }

  text(column: string): string {
    const value = this.#values[column];
    if (typeof value !== "string") throw this.#unexpected(column, "text");
    return value;
  }

  optionalText(column: string): string | undefined {
    return this.#values[column] === null ? undefined : this.text(column);
  }

  int64(column: string): bigint {
    const value = this.#values[column];
    if (typeof value !== "bigint") throw this.#unexpected(column, "a 64-bit integer");
    return value;
  }

  optionalInt64(column: string): bigint | undefined {
    return this.#values[column] === null ? undefined : this.int64(column);
  }

  /** An integer that fits a double: times, sizes, small numbers. */
  number(column: string): number {
    return Number(this.int64(column));
  }

  flag(column: string): boolean {
    return this.int64(column) !== 0n;
  }

  bytes(column: string): Uint8Array {
    const value = this.#values[column];
    if (!(value instanceof Uint8Array)) throw this.#unexpected(column, "bytes");
    return value;
  }

  #unexpected(column: string, type: string): Error {
    return new Error(`job store: column ${column} is not ${type}; the file is damaged`);
  }
}
