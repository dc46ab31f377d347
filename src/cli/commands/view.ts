import type { AddCommand } from "./shared.ts";

export const addView: AddCommand = (program, finish) => {
  program
    .command("view")
    .summary("look at the page indexes of a capture in a browser")
    .description(
      "Serves a page on this machine that draws, for every column of every captured file, the pages along the file with the values that each spans, how well the column is clustered, and which pages a filter that you type leaves.",
    )
    .argument("<capture>", "folder that capture wrote")
    .option("--port <n>", "port to listen on; 0 takes a free one", "9465")
    .addHelpText(
      "after",
      `
Examples:
  $ floecat-capture capture ./lake/orders
  $ floecat-capture view ./floecat-capture-out

Exit codes: 0 ended with Ctrl-C; 1 failed; 2 wrong use.`,
    )
    .action(async (capture: string, options: Record<string, unknown>) => {
      const { runView } = await import("../view/run.ts");
      finish(await runView(capture, options));
    });
};
