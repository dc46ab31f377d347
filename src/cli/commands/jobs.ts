import type { Command } from "commander";
import { type AddCommand, repeated, withConnection, withSettings } from "./shared.ts";

export const addJobs: AddCommand = (program, finish) => {
  const jobs = program
    .command("jobs")
    .summary("list, show and cancel the jobs of a control plane")
    .description("Jobs of a control plane, Floecat's or the embedded one: list, show one, cancel one.");
  const connected = (command: Command) =>
    withSettings(withConnection(command)).option("--json", "print JSON instead of tables", false);

  connected(jobs.command("list").description("List jobs, newest first."))
    .option("--state <state>", "only jobs in this state; repeat for more", repeated, [])
    .option("--roots", "only jobs without a parent", false)
    .option("--limit <n>", "jobs to show", "50")
    .action(async (options: Record<string, unknown>) => {
      const { runJobsList } = await import("../jobs/run.ts");
      finish(await runJobsList(options));
    });
  connected(jobs.command("show").description("Show one job, its files and its descendants."))
    .argument("<job-id>")
    .action(async (jobId: string, options: Record<string, unknown>) => {
      const { runJobsShow } = await import("../jobs/run.ts");
      finish(await runJobsShow(jobId, options));
    });
  connected(jobs.command("cancel").description("Cancel a job and what descends from it."))
    .argument("<job-id>")
    .argument("[reason]")
    .action(async (jobId: string, reason: string | undefined, options: Record<string, unknown>) => {
      const { runJobsCancel } = await import("../jobs/run.ts");
      finish(await runJobsCancel(jobId, reason, options));
    });
};
