import { Option } from "commander";
import { type AddCommand, withSettings } from "./shared.ts";

export const addControlPlane: AddCommand = (program, finish) => {
  const controlPlane = program
    .command("control-plane")
    .summary("run the embedded control plane")
    .description(
      "A control plane on this machine, in place of a Floecat deployment: takes tables from `enqueue`, plans them, hands their file groups to workers and keeps the results.",
    );
  withSettings(controlPlane)
    .option("--listen <host:port>", "address to listen on (default: 127.0.0.1:9100)")
    .option("--data <dir>", "folder for jobs and results (default: ./floecat-control-plane)")
    .option(
      "--authorities <file>",
      "JSON file of storage authorities: S3 credentials for workers, by location",
    )
    .addOption(
      new Option("--wire <generation>", "wire generation to speak (default: chunked)").choices([
        "chunked",
        "inline",
      ]),
    )
    .option("--lease-ms <ms>", "how long a lease lives without renewal (default: that of the generation)")
    .option("--max-attempts <n>", "attempts of a job before it fails for good (default: 8)")
    .option("--base-backoff-ms <ms>", "wait before the second attempt, doubled with each (default: 500)")
    .option("--max-message-bytes <n>", "largest message taken (default: that of the generation)")
    .addOption(
      new Option("--auth <mode>", "how callers are told apart (default: dev)").choices([
        "oidc",
        "dev",
        "none",
      ]),
    )
    .option("--chaos <spec>", "faults on purpose, by seed")
    .option("--http <host:port>", "health, metrics and status page, such as 127.0.0.1:9464 (default: none)")
    .addOption(
      new Option("--log-level <level>", "what is logged (default: info)").choices([
        "debug",
        "info",
        "warn",
        "error",
        "silent",
      ]),
    )
    .addHelpText(
      "after",
      `
Authentication: dev takes whoever calls, in the account that x-floe-account names; none looks at nothing; oidc takes signed
tokens of the issuer in quarkus.oidc.auth-server-url (docs/configuration.md).

Faults: <spec> is name=value, separated by commas. The same seed strikes the n-th call of a method with the same fault.
  seed=<n>                   default 1
  rate=<share>               share of a worker's calls that is struck, by all kinds alike
  <kind>=<share>             share of one kind: drop-request, drop-response, delay, duplicate, reset, disconnect, goaway,
                             unavailable, trickle, expired-token
  max-delay-ms=500           longest delay
  silence-ms=2000            how long a dropped call hears nothing before its stream is reset
  trickle-pause-ms=5         pause after every 24 bytes of a trickle
  restart-every-ms=<ms>      the control plane ends in the middle of its calls and starts again, so often on average
  jump-every-ms=<ms>         its wall clock jumps, so often on average,
  max-jump-ms=10000          at most so far, forth or back

Examples:
  $ floecat-capture control-plane --listen 127.0.0.1:9100 --data ./control-plane
  $ floecat-capture control-plane --chaos seed=7,rate=0.1,drop-response=0.05,restart-every-ms=20000

Exit codes: 0 stopped by a signal; 1 failed; 2 wrong use.`,
    )
    .action(async (options: Record<string, unknown>) => {
      const { runControlPlane } = await import("../control-plane/run.ts");
      finish(await runControlPlane(options));
    });
};
