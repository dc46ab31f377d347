import type { Command } from "commander";
import type { ExitCode } from "../exit-codes.ts";

/** Adds one command to the program; `finish` takes its exit code. */
export type AddCommand = (program: Command, finish: (code: ExitCode) => void) => void;

export const DEFAULT_CONTROL_PLANE = "http://127.0.0.1:9100";

/** For options that may be given more than once. */
export function repeated(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value];
}

/** Where the control plane is, and the TLS to it. */
export function withConnection(command: Command): Command {
  return command
    .option(
      "--control-plane <url>",
      `address, http://host:port or https://host:port (default: ${DEFAULT_CONTROL_PLANE})`,
    )
    .option("--tls-ca <file>", "PEM file with the authorities to trust instead of the system's")
    .option("--tls-cert <file>", "PEM file with our client certificate")
    .option("--tls-key <file>", "PEM file with its private key");
}

/** The options of every command that reads settings. */
export function withSettings(command: Command): Command {
  return command
    .option("--config <file>", "settings file, .properties or .json")
    .option("--set <key=value>", "one setting by its property name; repeat for more", repeated, []);
}

/** How object stores are read where no connector says it. */
export function withStores(command: Command): Command {
  return command
    .option("--s3-endpoint <url>", "S3 server to read s3:// from (default: AWS)")
    .option("--s3-region <region>", "region of the bucket (default: found out)")
    .option(
      "--s3-path-style",
      "the bucket stands in the path (default: with an endpoint that isn't Amazon's)",
    )
    .option("--s3-anonymous", "read public buckets without credentials")
    .option("--gcs-anonymous", "read public buckets of Google Cloud Storage without credentials")
    .option("--azure-anonymous", "read public containers of Azure without credentials")
    .option("--aws-profile <name>", "profile of the AWS configuration files")
    .option("--aws-role-arn <arn>", "role to assume")
    .option("--aws-external-id <id>", "external id that the role asks for");
}
