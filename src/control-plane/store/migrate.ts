import type { DatabaseSync } from "node:sqlite";
import { UsageError } from "../../model/index.ts";

/** Brings a file's schema up to date, step by step; a step that fails leaves the file as it was before it. */
export function migrate(db: DatabaseSync, file: string, steps: readonly string[]): void {
  const version = Number(db.prepare("PRAGMA user_version").get()?.user_version ?? 0);
  if (version > steps.length) {
    throw new UsageError(
      `${file} has schema version ${version}, and this program knows versions up to ${steps.length}: use the newer program that wrote it, or another data folder`,
    );
  }
  for (const [index, sql] of steps.entries()) {
    if (index < version) continue;
    db.exec("BEGIN IMMEDIATE");
    try {
      db.exec(sql);
      db.exec(`PRAGMA user_version = ${index + 1}`);
      db.exec("COMMIT");
    } catch (error) {
      db.exec("ROLLBACK");
      throw error;
    }
  }
}
