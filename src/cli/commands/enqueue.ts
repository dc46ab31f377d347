import { Option } from "commander";
import { withCatalog } from "./catalog-options.ts";
import { type AddCommand, repeated, withConnection, withSettings } from "./shared.ts";

export const addEnqueue: AddCommand = (program, finish) => {
  const enqueue = program
    .command("enqueue")
    .summary("give a table to the embedded control plane")
    .description(
      "Plans a table into file groups and queues them for the workers of the embedded control plane.",
    )
    .argument(
      "<table-uri>",
      "a table folder, a folder of Parquet files, one file or a glob; with --catalog the name of a table",
    );
  withSettings(withConnection(withCatalog(enqueue)))
    .addOption(
      new Option("--format <format>", "what the table is")
        .choices(["auto", "delta", "iceberg"])
        .default("auto"),
    )
    .option("--snapshot <id>", "Delta version or Iceberg snapshot id, or `latest`", "latest")
    .option(
      "--outputs <list>",
      "comma-separated: table, file, column, page-index",
      "table,file,column,page-index",
    )
    .option("--ndv", "estimate the number of distinct values of each column", false)
    .option("--columns <selector>", "only this column; repeat for more", repeated, [])
    .option("--files-per-group <n>", "files of one group (default: 8)")
    .option("--full-rescan", "capture as a full rescan", false)
    .option("--wait", "stay until the capture has ended and show the result", false)
    .option("--out <dir>", "with --wait: write the result as `capture` does")
    .option("--force", "replace an earlier result in --out", false)
    .option("--json", "print one JSON object instead of text", false)
    .addHelpText(
      "after",
      `
Examples:
  $ floecat-capture enqueue ./lake/orders --wait
  $ floecat-capture enqueue ./lake/orders --snapshot 7 --columns amount --files-per-group 2
  $ floecat-capture enqueue sales.orders --catalog rest --catalog-uri https://polaris/api/catalog --warehouse demo --catalog-auth client

Secrets of a catalog stay with the control plane: it looks them up in its own FLOECAT_CATALOG_TOKEN or FLOECAT_CATALOG_CREDENTIAL.

Exit codes: 0 done; 1 the capture failed or was cancelled; 2 wrong use; 130 interrupted (the capture goes on).`,
    )
    .action(async (uri: string, options: Record<string, unknown>) => {
      const { runEnqueue } = await import("../enqueue/run.ts");
      finish(await runEnqueue(uri, options));
    });
};
