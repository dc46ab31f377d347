import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { type Generation, UsageError } from "../../model/index.ts";
import { migrate } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";
import { Row } from "./row.ts";

/**
 * The SQLite file of a control plane: opened by one process at a time, write-ahead log, schema brought up to date on opening.
 * A file of a newer schema or of the other wire generation is refused, since its records would be misread.
 */
export class Database {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, Statement>();
  #depth = 0;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  static open(dataDir: string, generation: Generation): Database {
    mkdirSync(dataDir, { recursive: true });
    const file = join(dataDir, "control-plane.sqlite");
    const db = new DatabaseSync(file);
    try {
      lock(db, file);
      migrate(db, file, MIGRATIONS);
      claimGeneration(db, file, generation);
    } catch (error) {
      db.close();
      throw error;
    }
    return new Database(db);
  }

  /** Statements are kept by their text; their number is bounded by the code's own texts. */
  prepare(sql: string): Statement {
    let prepared = this.#prepared.get(sql);
    if (prepared === undefined) {
      const statement = this.#db.prepare(sql);
      // Read as bigint so that no 64-bit value is rounded.
      statement.setReadBigInts(true);
      prepared = new Statement(statement);
      this.#prepared.set(sql, prepared);
    }
    return prepared;
  }

  /** All or nothing; an inner call joins the outer one. Never held across an await, so calls can't mix. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#db.exec("BEGIN IMMEDIATE");
    this.#depth++;
    try {
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    } finally {
      this.#depth--;
    }
  }

  close(): void {
    this.#db.close();
  }
}

/** A prepared statement whose rows are read by checked accessors. */
export class Statement {
  readonly #statement: StatementSync;

  constructor(statement: StatementSync) {
    this.#statement = statement;
  }

  /** Number of rows changed. */
  run(...values: SQLInputValue[]): number {
    return Number(this.#statement.run(...values).changes);
  }

  get(...values: SQLInputValue[]): Row | undefined {
    const row = this.#statement.get(...values);
    return row === undefined ? undefined : new Row(row);
  }

  all(...values: SQLInputValue[]): Row[] {
    return this.#statement.all(...values).map((row) => new Row(row));
  }

  *iterate(...values: SQLInputValue[]): Generator<Row, void, undefined> {
    for (const row of this.#statement.iterate(...values)) yield new Row(row);
  }
}

/** Held until the file is closed: two control planes on one folder would hand out the same lease twice. */
function lock(db: DatabaseSync, file: string): void {
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE");
    db.exec("PRAGMA journal_mode = WAL");
    db.exec("PRAGMA synchronous = NORMAL");
    db.exec("BEGIN EXCLUSIVE; COMMIT");
  } catch (error) {
    if (error instanceof Error && /locked|busy/i.test(error.message)) {
      throw new UsageError(`${file} is in use by another control plane`);
    }
    if (error instanceof Error && /not a database/i.test(error.message)) {
      throw new UsageError(`${file} is not a job store`);
    }
    throw error;
  }
}

function claimGeneration(db: DatabaseSync, file: string, generation: Generation): void {
  db.prepare("INSERT OR IGNORE INTO meta VALUES ('generation', ?)").run(generation);
  const stored = db.prepare("SELECT value FROM meta WHERE name = 'generation'").get()?.value;
  if (stored !== generation) {
    throw new UsageError(
      `${file} holds jobs of the ${String(stored)} generation; start with that one, or choose another data folder`,
    );
  }
}
