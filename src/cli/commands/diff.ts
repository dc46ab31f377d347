import { type AddCommand, repeated, withConnection, withSettings } from "./shared.ts";

export const addDiff: AddCommand = (program, finish) => {
  const diff = program
    .command("diff")
    .summary("compare two captures, or a capture with what a control plane holds")
    .description(
      "Says which records, fields and pages differ between two captures. Times of the clock are not compared. With one capture and --job, the other side is what that job of the embedded control plane left.",
    )
    .argument("<left>", "folder that capture wrote")
    .argument("[right]", "another one");
  withSettings(withConnection(diff))
    .option("--job <id>", "compare with the result of this job of the embedded control plane")
    .option(
      "--ignore <field>",
      "leave this field out (as printed, without indices); repeat for more",
      repeated,
      [],
    )
    .option("--limit <n>", "differences to list; 0 lists all", "50")
    .option("--json", "print one JSON object with every difference", false)
    .addHelpText(
      "after",
      `
Examples:
  $ floecat-capture diff ./before ./after
  $ floecat-capture diff ./before ./after --ignore tableId --ignore file.tableId --ignore artifactUri
  $ floecat-capture diff ./floecat-capture-out --job 0f8fad5b-d9cb-469f-a165-70867728950e

Exit codes: 0 no difference; 1 there are differences; 2 wrong use.`,
    )
    .action(async (left: string, right: string | undefined, options: Record<string, unknown>) => {
      const { runDiff } = await import("../diff/run.ts");
      finish(await runDiff(left, right, options));
    });
};
