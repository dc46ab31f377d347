import { runProgram } from "./program.ts";

// SQLite is part of the Node versions that are asked for, and its API there is what is used; a user can do nothing with the
// warning.
const emitWarning = process.emitWarning.bind(process);
process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
  if (String(warning).includes("SQLite is an experimental feature")) return;
  Reflect.apply(emitWarning, process, [warning, ...rest]);
};

// The reader of a pipe may leave early (`… | head`): what it left unread is no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    if (!("code" in error && error.code === "EPIPE")) throw error;
  });
}

process.exitCode = await runProgram(process.argv.slice(2));
