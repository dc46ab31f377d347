import { runProgram } from "./program.ts";

// SQLite is part of the Node versions that are asked for, and its API there is what is used; a user can do nothing with the
// warning.
const emitWarning = process.emitWarning.bind(process);
process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
  if (String(warning).includes("SQLite is an experimental feature")) return;
  Reflect.apply(emitWarning, process, [warning, ...rest]);
};

process.exitCode = await runProgram(process.argv.slice(2));
