/** The documentation against what there is: links lead somewhere, commands are understood, settings exist. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { buildProgram } from "../../src/cli/program.ts";
import { everySetting } from "../../src/config/settings/index.ts";
import { environmentNames } from "../../src/config/settings/setting.ts";

const root = join(import.meta.dirname, "../..");
const pages = [
  ...readdirSync(root)
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(root, name)),
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(root, "docs", name)),
  join(root, "bench/README.md"),
].map((path) => ({ name: relative(root, path), path, text: readFileSync(path, "utf8") }));

/** As GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = text.matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Lines of code blocks that are commands, without a prompt and a comment. */
function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```(?:sh|bash|console)?\n(.*?)^```/gms)].map(([, block = ""]) => block);
  return blocks
    .flatMap((block) => block.split("\n"))
    .flatMap((line) => {
      const match =
        /^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:floecat-capture|npm run -s floecat-capture --) (.*?)(?:\s{2,}#.*)?$/.exec(
          line.trim(),
        );
      return match === null ? [] : [match[1] ?? ""];
    });
}

/** Words as a shell splits them; what goes through pipes and redirections isn't the command's. */
function words(command: string): string[] {
  const [own = ""] = command.split(/ [|>] /);
  return [...own.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );
}

/** Parses without running anything. */
function parse(args: readonly string[]): void {
  const program = buildProgram(() => {});
  const silence = (command: Command): void => {
    command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} });
    command.action(() => {});
    for (const child of command.commands) silence(child);
  };
  for (const child of program.commands) silence(child);
  program.configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} });
  try {
    program.parse([...args], { from: "user" });
  } catch (error) {
    if (error instanceof Error && "exitCode" in error && error.exitCode === 0) return;
    throw error;
  }
}

describe.each(pages)("$name", ({ name, path, text }) => {
  it("links lead somewhere", () => {
    const dead = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
      if (/^[a-z]+:/.test(link)) return [];
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : join(dirname(path), file);
      try {
        if (statSync(target).isDirectory() || anchor === undefined) return [];
      } catch {
        return [link];
      }
      return anchorsOf(readFileSync(target, "utf8")).has(anchor) ? [] : [link];
    });
    expect(dead).toEqual([]);
  });

  it("commands are understood", () => {
    for (const command of commandsOf(text)) {
      expect(() => parse(words(command)), command).not.toThrow();
    }
  });

  // That page is made from the settings, and lists those of the Java worker that mean nothing here.
  it.skipIf(name === "docs/configuration.md")("settings and variables exist", () => {
    const settings = everySetting().map(({ info }) => info);
    const known = new Set(
      settings.flatMap((info) => [
        info.key,
        ...[info, ...(info.fallbacks ?? [])].flatMap((names) => [names.key, ...environmentNames(names)]),
      ]),
    );
    const isKnown = (name: string) =>
      known.has(name) ||
      known.has(name.replace(/_FILE$/, "")) ||
      [...known].some((key) => key.startsWith(`${name}.`)) ||
      SERVERS.has(name) ||
      OF_CAPTURE.has(name) ||
      /\*|\.$|_$/.test(name);
    const named = [
      ...text.matchAll(/`(floecat\.capture\.[\w.*-]+)(?:=[^`]*)?`/g),
      ...text.matchAll(/\b(FLOECAT_[A-Z0-9_]+\*?)/g),
    ].map(([, name = ""]) => name);
    expect(named.filter((name) => !isKnown(name))).toEqual([]);
  });
});

/** Settings of Floecat's services and of builds, which are not ours. */
const SERVERS = new Set(["FLOECAT_AUTH_MODE", "FLOECAT_CAPTURE_CONFIG"]);
/** Secrets of `capture`, which are no settings of a worker. */
const OF_CAPTURE = new Set(["FLOECAT_CATALOG_TOKEN", "FLOECAT_CATALOG_CREDENTIAL"]);

it("docs/failures.md: every message is one that the program says", () => {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    // A message may go over two lines of source.
    .map((file) => readFileSync(join(root, "src", file), "utf8").replace(/["`] \+\s+["`]/g, ""))
    .join("\n");
  const table = readFileSync(join(root, "docs/failures.md"), "utf8").matchAll(/^\| (`.*?) \|/gm);
  const parts = [...table]
    .flatMap(([, cell = ""]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, message = ""]) => message))
    .flatMap((message) => message.split("…"))
    .map((part) => part.trim())
    .filter((part) => part.length >= 4);
  expect(parts.length).toBeGreaterThan(40);
  expect(parts.filter((part) => !sources.includes(part))).toEqual([]);
});

it("the index of the documentation lists every page", () => {
  const index = readFileSync(join(root, "docs/README.md"), "utf8");
  const missing = readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .filter((name) => !index.includes(`](${name})`));
  expect(missing).toEqual([]);
});

it("docs/dependencies.md lists every dependency, and no other", () => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (typeof manifest !== "object" || manifest === null || !("dependencies" in manifest))
    throw new Error("no dependencies");
  const { dependencies } = manifest;
  if (typeof dependencies !== "object" || dependencies === null) throw new Error("no dependencies");
  const text = readFileSync(join(root, "docs/dependencies.md"), "utf8");
  const listed = [...(text.split("## Installed")[1] ?? "").matchAll(/^\| `([^`]+)` \|/gm)].map(
    ([, name]) => name,
  );
  expect(listed.sort()).toEqual(Object.keys(dependencies).sort());
});
