import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** Instructions in order, continued lines joined, comments and `ARG` defaults resolved. */
export function parseDockerfile(text: string): readonly Instruction[] {
  const defaults = new Map<string, string>();
  const instructions: Instruction[] = [];
  for (const line of text.replace(/\\\n/g, " ").split("\n")) {
    const match = /^([A-Z]+)\s+(.*)$/.exec(line.trim());
    if (match === null) continue;
    const [, name = "", raw = ""] = match;
    const [, argument, value] = /^(\w+)=(.*)$/.exec(raw) ?? [];
    if (name === "ARG" && argument !== undefined) defaults.set(argument, value ?? "");
    instructions.push({
      name,
      text: raw.replace(/\$\{(\w+)\}/g, (_, key: string) => defaults.get(key) ?? ""),
    });
  }
  return instructions;
}

/**
 * Carries out a Dockerfile's stages as folders, for machines without a container engine: WORKDIR, COPY and RUN with the very
 * arguments, each stage in a folder of its own, base images left out. What `.dockerignore` leaves out isn't copied.
 */
export async function buildInFolders(
  instructions: readonly Instruction[],
  options: { readonly context: string; readonly folder: string; readonly env: NodeJS.ProcessEnv },
): Promise<{ readonly last: string }> {
  const stages = new Map<string, string>();
  let root = "";
  let workdir = "/";
  for (const { name, text } of instructions) {
    switch (name) {
      case "FROM": {
        const stage = / AS (\w+)$/.exec(text)?.[1] ?? "last";
        root = join(options.folder, stage);
        stages.set(stage, root);
        workdir = "/";
        await mkdir(root);
        break;
      }
      case "WORKDIR":
        workdir = text;
        await mkdir(join(root, workdir), { recursive: true });
        break;
      case "COPY": {
        const from = /^--from=(\w+)\s+/.exec(text);
        const source = from === null ? options.context : (stages.get(from[1] ?? "") ?? "");
        const words = text.slice(from?.[0].length ?? 0).split(/\s+/);
        await copy(words.slice(0, -1), words.at(-1) ?? "", { source, root, workdir });
        break;
      }
      case "RUN":
        await run("sh", ["-c", text], { cwd: join(root, workdir), env: options.env, maxBuffer: 1 << 26 });
        break;
    }
  }
  return { last: root };
}

async function copy(
  names: readonly string[],
  to: string,
  at: { readonly source: string; readonly root: string; readonly workdir: string },
): Promise<void> {
  const target = to.startsWith("/") ? join(at.root, to) : join(at.root, at.workdir, to);
  for (const name of names) {
    const from = join(at.source, name);
    const isFolder = (await stat(from)).isDirectory();
    // The contents of a folder are copied, not the folder (COPY's rule).
    const into = isFolder ? target : to.endsWith("/") ? join(target, basename(name)) : target;
    await cp(from, into, { recursive: true, verbatimSymlinks: true });
  }
}

/** The build context as `.dockerignore` leaves it: `*`, then what is named with `!`, then patterns of files below. */
export async function contextOf(root: string, folder: string): Promise<void> {
  const lines = (await readFile(join(root, ".dockerignore"), "utf8"))
    .split("\n")
    .filter((line) => /^[^#\s]/.test(line));
  if (lines[0] !== "*") throw new Error(".dockerignore is to begin with *");
  const kept = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const endings = lines.filter((line) => line.startsWith("**/*")).map((line) => line.slice(4));
  const names = new Set(await readdir(root));
  for (const name of kept) {
    if (!names.has(name)) throw new Error(`.dockerignore keeps ${name}, which isn't there`);
    await cp(join(root, name), join(folder, name), {
      recursive: true,
      filter: (path) => !endings.some((ending) => path.endsWith(ending)),
    });
  }
}
