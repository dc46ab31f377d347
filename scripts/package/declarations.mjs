// The compiler declares every module that the library reaches; a user's compiler reads only what the entry names.
import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const REFERENCE = /(?:from|import\()\s*"(\.[^"]+)"/g;

/** Removes every `.d.ts` below `folder` that `entry` doesn't lead to. */
export function removeUnreachable(folder, entry) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file) || !existsSync(file)) return;
    reached.add(file);
    for (const [, path] of readFileSync(file, "utf8").matchAll(REFERENCE)) {
      visit(join(dirname(file), path).replace(/\.(?:ts|js|mjs)$/, ".d.ts"));
    }
  };
  visit(join(folder, entry));
  for (const name of globSync("**/*.d.ts", { cwd: folder })) {
    const file = join(folder, name);
    if (!reached.has(file)) rmSync(file);
  }
  return [...reached].map((file) => relative(folder, file)).sort();
}
