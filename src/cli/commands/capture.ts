import { Option } from "commander";
import { withCatalog } from "./catalog-options.ts";
import { type AddCommand, repeated, withSettings, withStores } from "./shared.ts";

export const addCapture: AddCommand = (program, finish) => {
  const capture = program
    .command("capture")
    .summary("capture tables or Parquet files, without a control plane")
    .description(
      "Reads a Delta table, an Iceberg table or plain Parquet files, and writes column statistics and page-index sidecars to a folder.",
    )
    .argument(
      "<uri...>",
      "table folders, Parquet files, folders of them, or globs, local or s3://; with --catalog names of tables",
    )
    .addOption(
      new Option("--format <format>", "what the URIs are")
        .choices(["auto", "parquet", "delta", "iceberg"])
        .default("auto"),
    )
    .option("--snapshot <id>", "Delta version or Iceberg snapshot id, or `latest`", "latest")
    .option(
      "--outputs <list>",
      "comma-separated: table, file, column, page-index",
      "table,file,column,page-index",
    )
    .option("--ndv", "estimate the number of distinct values of each column", false)
    .option(
      "--columns <selector>",
      "only this column; repeat for more (a name, a path into structs, or #<id> in Iceberg)",
      repeated,
      [],
    )
    .addOption(
      new Option("--wire <generation>", "shape of the records")
        .choices(["chunked", "inline"])
        .default("chunked"),
    )
    .option(
      "--stats-format <list>",
      "comma-separated: csv and parquet write the statistics as a table too, beside stats.ndjson",
      "ndjson",
    )
    .option("--out <dir>", "folder for the result; refused if it is not empty", "./floecat-capture-out")
    .option("--force", "replace an earlier result in --out", false)
    .option(
      "--resume",
      "keep what is captured while it goes on, in a hidden folder beside --out: after an interruption the same command goes on",
      false,
    )
    .option("--threads <n>", "capture threads (default: one per processor)")
    .option(
      "--max-memory <size>",
      "memory the process may use, such as 512m or 2g (default: 256m up to two threads)",
    )
    .addOption(
      new Option("--crc <mode>", "what to do when a page's checksum is wrong")
        .choices(["error", "warn", "off"])
        .default("error"),
    )
    .option("--test-root <dir>", "read s3://bucket/key from <dir>/bucket/key");
  withStores(withSettings(withCatalog(capture)))
    .option("--json", "print one JSON object instead of a table", false)
    .addHelpText(
      "after",
      `
Examples:
  $ floecat-capture capture ./lake/orders
  $ floecat-capture capture ./lake/orders --snapshot 7 --columns amount --columns shop
  $ floecat-capture capture 'data/2026-*/*.parquet' --outputs page-index --out ./index
  $ floecat-capture capture s3://lake/orders --aws-profile analytics
  $ floecat-capture capture s3://lake/orders --s3-endpoint http://127.0.0.1:9000
  $ FLOECAT_CATALOG_CREDENTIAL=id:secret floecat-capture capture sales.orders --catalog rest --catalog-uri https://polaris/api/catalog --warehouse demo
  $ AWS_REGION=eu-west-1 floecat-capture capture sales.orders sales.customers --catalog glue
  $ DATABRICKS_HOST=https://my.cloud.databricks.com DATABRICKS_TOKEN=… floecat-capture capture main.sales.orders --catalog unity

S3 credentials are found as other AWS tools find them: environment, profile, web identity, container, instance.

Exit codes: 0 done; 1 a file, table or snapshot could not be captured, other files were; 2 wrong use; 130 interrupted.`,
    )
    .action(async (uris: string[], options: Record<string, unknown>) => {
      const { runCapture } = await import("../capture/run.ts");
      finish(await runCapture(uris, options));
    });
};
