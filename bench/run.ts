/** `npm run bench -- <name> [options]`: each benchmark is a folder of `bench/` with a `main`. */
const [name, ...args] = process.argv.slice(2);
const BENCHMARKS: Readonly<Record<string, () => Promise<{ main(args: readonly string[]): Promise<void> }>>> =
  {
    engine: () => import("./engine/index.ts"),
    listing: () => import("./listing/index.ts"),
    protocol: () => import("./protocol/index.ts"),
    s3: () => import("./s3/index.ts"),
    startup: () => import("./startup/index.ts"),
    stats: () => import("./stats/index.ts"),
  };

const load = BENCHMARKS[name ?? ""];
if (load === undefined) {
  console.error(`usage: npm run bench -- <${Object.keys(BENCHMARKS).join(" | ")}> [options]`);
  process.exit(2);
}
await (await load()).main(args);
