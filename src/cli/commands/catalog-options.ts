import { type Command, Option } from "commander";
import { repeated } from "./shared.ts";

/** Options that make a command's arguments names of a catalog's tables. Secrets come from the environment or a file. */
export function withCatalog(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--catalog <kind>",
        "the arguments are tables of a catalog, namespace.table: an Iceberg REST catalog, AWS Glue or Unity Catalog",
      ).choices(["rest", "glue", "unity"]),
    )
    .option(
      "--catalog-uri <url>",
      "address of the catalog (unity: DATABRICKS_HOST; glue: that of AWS_REGION)",
    )
    .option("--warehouse <name>", "warehouse of an Iceberg REST catalog; of glue the catalog id")
    .option("--namespace <name>", "namespace of the tables, for table names with dots in them")
    .addOption(
      new Option(
        "--catalog-auth <how>",
        "how the catalog knows us; auto: token or client if there is one, sigv4 for glue, else none",
      )
        .choices(["auto", "none", "token", "client", "sigv4", "databricks-cli"])
        .default("auto"),
    )
    .option("--catalog-token-file <file>", "file with a bearer token (else FLOECAT_CATALOG_TOKEN)")
    .option(
      "--catalog-credential-file <file>",
      "file with id:secret of an OAuth2 client (else FLOECAT_CATALOG_CREDENTIAL)",
    )
    .option("--oauth2-server-uri <url>", "token endpoint of the client, if it is not the catalog's own")
    .option("--oauth2-scope <scope>", "scope of its tokens (default: catalog)")
    .option("--signing-name <service>", "service that sigv4 signs for (default: glue)")
    .option("--signing-region <region>", "region that sigv4 signs for")
    .option("--no-vended-credentials", "read files as this machine, not with keys of the catalog")
    .option(
      "--catalog-option <key=value>",
      "further option of the connector, such as header.Polaris-Realm=POLARIS; env:NAME stands for a variable; repeat for more",
      repeated,
      [],
    );
}
