import type { Command } from "commander";
import { type AddCommand, repeated, withConnection, withSettings } from "./shared.ts";

export const addJobs: AddCommand = (program, finish) => {
  const jobs = program
    .command("jobs")
    .summary("list, show, watch, cancel and retry the jobs of a control plane")
    .description(
      "Jobs of a control plane, Floecat's or the embedded one. `retry` is the embedded one's alone: in Floecat, start the capture in its catalog.",
    );
  const connected = (command: Command) =>
    withSettings(withConnection(command)).option("--json", "print JSON instead of tables", false);

  connected(jobs.command("list").description("List jobs, newest first."))
    .option("--state <state>", "only jobs in this state; repeat for more", repeated, [])
    .option("--roots", "only jobs without a parent", false)
    .option("--limit <n>", "jobs to show", "50")
    .addHelpText(
      "after",
      examples(
        `  $ floecat-capture jobs list --state failed
  $ floecat-capture jobs list --roots --json`,
        "0 done; 1 no answer, or refused; 2 wrong use; 130 interrupted.",
      ),
    )
    .action(async (options: Record<string, unknown>) => {
      const { runJobsList } = await import("../jobs/run.ts");
      finish(await runJobsList(options));
    });
  connected(jobs.command("show").description("Show one job, its files and its descendants."))
    .argument("<job-id>")
    .addHelpText(
      "after",
      examples(
        `  $ floecat-capture jobs show 0f8fad5b-d9cb-469f-a165-70867728950e`,
        "0 done; 1 no answer, or no such job; 2 wrong use; 130 interrupted.",
      ),
    )
    .action(async (jobId: string, options: Record<string, unknown>) => {
      const { runJobsShow } = await import("../jobs/run.ts");
      finish(await runJobsShow(jobId, options));
    });
  connected(jobs.command("cancel").description("Cancel a job and what descends from it."))
    .argument("<job-id>")
    .argument("[reason]")
    .addHelpText(
      "after",
      examples(
        `  $ floecat-capture jobs cancel 0f8fad5b-d9cb-469f-a165-70867728950e 'wrong snapshot'`,
        "0 it is being cancelled; 1 it had ended already, or no answer; 2 wrong use; 130 interrupted.",
      ),
    )
    .action(async (jobId: string, reason: string | undefined, options: Record<string, unknown>) => {
      const { runJobsCancel } = await import("../jobs/run.ts");
      finish(await runJobsCancel(jobId, reason, options));
    });
  connected(jobs.command("watch").description("Tell every change of a job, until it ends."))
    .argument("<job-id>")
    .addHelpText(
      "after",
      examples(
        `  $ floecat-capture jobs watch 0f8fad5b-d9cb-469f-a165-70867728950e --json`,
        "0 it succeeded; 1 it failed or was cancelled, or no answer; 2 wrong use; 130 interrupted.",
      ),
    )
    .action(async (jobId: string, options: Record<string, unknown>) => {
      const { runJobsWatch } = await import("../jobs/run.ts");
      finish(await runJobsWatch(jobId, options));
    });
  connected(
    jobs
      .command("retry")
      .description("Capture again what a job that has ended was about (embedded control plane)."),
  )
    .argument("<job-id>")
    .addHelpText(
      "after",
      examples(
        `  $ floecat-capture jobs retry 0f8fad5b-d9cb-469f-a165-70867728950e`,
        "0 queued; 1 refused, or no answer; 2 wrong use; 130 interrupted.",
      ),
    )
    .action(async (jobId: string, options: Record<string, unknown>) => {
      const { runJobsRetry } = await import("../jobs/run.ts");
      finish(await runJobsRetry(jobId, options));
    });
  jobs.addHelpText(
    "after",
    `
Examples:
  $ floecat-capture jobs list --state failed
  $ floecat-capture jobs watch 0f8fad5b-d9cb-469f-a165-70867728950e
  $ floecat-capture jobs retry 0f8fad5b-d9cb-469f-a165-70867728950e

Exit codes: 0 done; 1 refused, or the watched job failed or was cancelled; 2 wrong use; 130 interrupted.`,
  );
};

function examples(lines: string, exitCodes: string): string {
  return `\nExamples:\n${lines}\n\nExit codes: ${exitCodes}`;
}
