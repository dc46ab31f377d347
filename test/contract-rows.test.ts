/**
 * The rows of the contract's test tables (01 §14, 02 §13, 03 §19, 08 §11; those of 04, 05, 06 and 07 at their ends): each is named
 * by a test, or here with the reason why not.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

const TABLES = [
  { document: "01", file: "01-wire.md", section: "## 14. Test cases" },
  { document: "02", file: "02-control-plane.md", section: "## 13. Test cases" },
  { document: "03", file: "03-worker.md", section: "## 19. Test cases" },
  { document: "06", file: "06-page-index.md", section: "## Test cases worth having" },
  { document: "08", file: "08-storage-and-auth.md", section: "## 11. Test cases" },
] as const;

const WITHOUT_TEST: Readonly<Record<string, string>> = {
  "03 T5": "needs a planner, which this worker is not",
  "08 F3": "a local path is refused with the same text for every format (decision 38)",
};

test.each(TABLES)("every row of $file is named by a test", ({ document, file, section }) => {
  const named = namedRows(document);
  const missing = rowsOf(file, section).filter((row) => !named.has(row));
  expect(missing.filter((row) => WITHOUT_TEST[`${document} ${row}`] === undefined)).toEqual([]);
});

test("every row of a job's run (03 §19, R1–R26) is under test in memory with a fake clock, and over gRPC against the embedded control plane", () => {
  const rows = rowsOf("03-worker.md", "## 19. Test cases").filter((row) => row.startsWith("R"));
  const missing = (folder: string) => rows.filter((row) => !namedRows("03", folder).has(row));
  expect(missing("src/worker")).toEqual([]);
  expect(missing("test/rows").filter((row) => WITHOUT_GRPC[row] === undefined)).toEqual([]);
});

const WITHOUT_GRPC: Readonly<Record<string, string>> = {
  R19: "how an error is judged, which is seen in memory; no call of the row's is made here",
};

/** Rows that are numbered through: `04 T12`. */
const NUMBERED = [
  { document: "04", file: "04-iceberg-stats.md", rows: 72, last: /^\| 72 \|/m },
  { document: "05", file: "05-delta-stats.md", rows: 32, last: /^32\. /m },
  { document: "07", file: "07-types-and-rollup.md", rows: 76, last: /^\| 76 \|/m },
] as const;

test.each(NUMBERED)("every row of $file is named by a test", ({ document, file, rows, last }) => {
  expect(readFileSync(`${root}docs/contract/${file}`, "utf8")).toMatch(last);
  const named = namedRows(document);
  const missing = Array.from({ length: rows }, (_, i) => `T${i + 1}`).filter((row) => !named.has(row));
  expect(missing).toEqual([]);
});

function rowsOf(file: string, section: string): string[] {
  const text = readFileSync(`${root}docs/contract/${file}`, "utf8");
  const from = text.indexOf(section);
  const to = text.indexOf("\n## ", from + 1);
  const rows = [...text.slice(from, to).matchAll(/^\| ([A-Z]+\d+) \|/gm)].map((match) => match[1] ?? "");
  if (rows.length < 40) throw new Error(`${file}: the table wasn't found`);
  return rows;
}

/** What titles such as `03 R17, R20 by decision 25, 05 §13: …` name of a document. */
function namedRows(document: string, folder = ""): ReadonlySet<string> {
  const rows = new Set<string>();
  for (const title of titles(folder)) {
    const parts = title.split(/\b(0[1-9]) /);
    for (let at = 1; at + 1 < parts.length; at += 2) {
      if (parts[at] !== document) continue;
      const text = parts[at + 1] ?? "";
      for (const [row] of text.matchAll(/\b[A-Z]+\d+\b/g)) rows.add(row);
      for (const [, letters, first, end] of text.matchAll(/\b([A-Z]+)(\d+)–\1(\d+)\b/g)) {
        for (let row = Number(first); row <= Number(end); row++) rows.add(`${letters}${row}`);
      }
    }
  }
  return rows;
}

function titles(folder: string): string[] {
  const files = ["src", "test"].flatMap((top) =>
    readdirSync(`${root}${top}`, { recursive: true, encoding: "utf8" })
      .filter(
        (name) =>
          /\.test\.ts$|^support\/engine-contract\//.test(name) && !name.endsWith("contract-rows.test.ts"),
      )
      .map((name) => `${top}/${name}`),
  );
  return files
    .filter((name) => name.startsWith(folder))
    .map((name) => `${root}${name}`)
    .flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/["`]((?:[^"`\n]*)\b0[1-9] [^"`\n]*)["`]/g)].map(
        (match) => match[1] ?? "",
      ),
    );
}
