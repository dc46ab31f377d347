import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { migrate } from "./migrate.ts";

const FIRST = "CREATE TABLE jobs (job_id TEXT PRIMARY KEY) STRICT; INSERT INTO jobs VALUES ('job-1')";
const SECOND = "ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT '*'";
const BROKEN = "ALTER TABLE jobs ADD COLUMN extra TEXT; INSERT INTO nowhere VALUES (1)";

const versionOf = (db: DatabaseSync) => db.prepare("PRAGMA user_version").get()?.user_version;
const jobs = (db: DatabaseSync) =>
  db
    .prepare("SELECT * FROM jobs")
    .all()
    .map((row) => ({ ...row }));

test("a file of an older schema gets the steps that it lacks, each once, and keeps what it holds", () => {
  const db = new DatabaseSync(":memory:");
  migrate(db, "jobs.sqlite", [FIRST]);
  expect(versionOf(db)).toBe(1);
  migrate(db, "jobs.sqlite", [FIRST, SECOND]);
  migrate(db, "jobs.sqlite", [FIRST, SECOND]);
  expect(versionOf(db)).toBe(2);
  expect(jobs(db)).toEqual([{ job_id: "job-1", lane: "*" }]);
});

test("a step that fails half-way leaves the file as it was, and it can be opened as before", () => {
  const db = new DatabaseSync(":memory:");
  expect(() => migrate(db, "jobs.sqlite", [FIRST, BROKEN])).toThrow(/nowhere/);
  expect(versionOf(db)).toBe(1);
  expect(jobs(db)).toEqual([{ job_id: "job-1" }]);
  migrate(db, "jobs.sqlite", [FIRST, SECOND]);
  expect(jobs(db)).toEqual([{ job_id: "job-1", lane: "*" }]);
});

test("a newer schema is refused before anything is changed", () => {
  const db = new DatabaseSync(":memory:");
  migrate(db, "jobs.sqlite", [FIRST, SECOND]);
  expect(() => migrate(db, "jobs.sqlite", [FIRST])).toThrow(
    "jobs.sqlite has schema version 2, and this program knows versions up to 1",
  );
});
