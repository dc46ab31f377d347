import { type AddCommand, withSettings, withStores } from "./shared.ts";

export const addInspect: AddCommand = (program, finish) => {
  const inspect = program
    .command("inspect")
    .summary("show a Parquet file, a sidecar or a capture's NDJSON")
    .description(
      "Shows what is in a file: row groups, chunks and pages of a Parquet file, the page rows of a sidecar, or the records of stats.ndjson and artifacts.ndjson.",
    )
    .argument("<file>", "a Parquet file, a sidecar, stats.ndjson or artifacts.ndjson; local or s3://")
    .option("--pages", "list every page of a Parquet file", false)
    .option("--limit <n>", "rows to show of each table; 0 shows all", "50");
  withStores(withSettings(inspect))
    .option("--json", "print JSON instead of tables", false)
    .addHelpText(
      "after",
      `
Examples:
  $ floecat-capture inspect ./lake/orders/part-0.parquet --pages
  $ floecat-capture inspect ./floecat-capture-out/sidecars/<sha256>.parquet
  $ floecat-capture inspect ./floecat-capture-out/stats.ndjson
  $ floecat-capture inspect s3://lake/orders/part-0.parquet --pages

Exit codes: 0 done; 1 the file can't be read as Parquet; 2 wrong use, or no such file; 130 interrupted.`,
    )
    .action(async (file: string, options: Record<string, unknown>) => {
      const { runInspect } = await import("../inspect/run.ts");
      finish(await runInspect(file, options));
    });
};
