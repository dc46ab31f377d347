import { type AddCommand, repeated } from "./shared.ts";

export const addPrune: AddCommand = (program, finish) => {
  program
    .command("prune")
    .summary("which files and pages a filter leaves")
    .description(
      "Reads the page indexes of a capture and says which files and pages a query with this filter would still have to read. A page is given up only where it is certain that none of its rows passes.",
    )
    .argument("<capture>", "folder that capture wrote")
    .argument("<filter>", "condition on the rows, as in SQL's WHERE")
    .option("--columns <name>", "count the pages of this column only; repeat for more", repeated, [])
    .option("--all", "list the files that are left out altogether, too", false)
    .option("--limit <n>", "files to list; 0 lists all", "50")
    .option("--json", "print one JSON object, with the ranges of rows that are left", false)
    .addHelpText(
      "after",
      `
Filters: = <> < <= > >=, BETWEEN, IN, LIKE, IS [NOT] NULL, AND, OR, NOT and parentheses; texts in single quotes, column names as they are
or in double quotes.

Examples:
  $ floecat-capture prune ./floecat-capture-out "placed_at >= '2026-03-01 06:00:00' and placed_at < '2026-03-01 07:00:00'"
  $ floecat-capture prune ./floecat-capture-out "shop in ('Oslo', 'Bergen')" --columns amount

Exit codes: 0 done; 1 a sidecar can't be read; 2 wrong use.`,
    )
    .action(async (capture: string, filter: string, options: Record<string, unknown>) => {
      const { runPrune } = await import("../prune/run.ts");
      finish(await runPrune(capture, filter, options));
    });
};
