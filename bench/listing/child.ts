import { readFileSync } from "node:fs";
import { localStore } from "../../src/storage/index.ts";
import { createDeltaCache, openDelta } from "../../src/table/index.ts";
import { filePath } from "./data.ts";

/** One way of listing, in a process of its own. Arguments: its name, the table, the number of its files. */
const [work = "", table = "", count = "0"] = process.argv.slice(2);
const { signal } = new AbortController();
const PLANNED_FILES = 20;
const GROUPS = 50;
const TICK_MS = 2;

const snapshot = await openDelta({
  root: `file://${table}`,
  version: "latest",
  store: localStore(),
  policy: {
    columns: [],
    outputs: new Set(["file"]),
    defaultColumnScope: "all",
    maxDefaultColumns: 32,
    properties: {},
  },
  generation: "chunked",
  fullRescan: true,
  cache: work === "groups" ? createDeltaCache() : undefined,
  signal,
});

let longestStallMs = 0;
/** Processor time of this thread between two ticks: what a stall is on a machine that does nothing else. */
let longestTurnCpuMs = 0;
let lastMs = performance.now();
let lastCpuMs = threadCpuMs();
const ticking = setInterval(() => {
  const nowMs = performance.now();
  longestStallMs = Math.max(longestStallMs, nowMs - lastMs - TICK_MS);
  lastMs = nowMs;
  const cpuMs = threadCpuMs();
  longestTurnCpuMs = Math.max(longestTurnCpuMs, cpuMs - lastCpuMs);
  lastCpuMs = cpuMs;
}, TICK_MS);

const startMs = performance.now();
const files = await listed();
const ms = performance.now() - startMs;
await new Promise((resolve) => setTimeout(resolve, 10));
clearInterval(ticking);
console.log(
  JSON.stringify({
    files,
    ms: Math.round(ms),
    longestStallMs: Math.round(longestStallMs),
    longestTurnCpuMs: Math.round(longestTurnCpuMs),
    peakRssMiB: peakRssMiB(),
  }),
);

async function listed(): Promise<number> {
  switch (work) {
    case "planned":
      return (await snapshot.files({ only: group(0), signal })).length;
    case "groups": {
      let found = 0;
      for (let at = 0; at < GROUPS; at++) found += (await snapshot.files({ only: group(at), signal })).length;
      return found;
    }
    case "plan":
      return await countOf(snapshot.list({ signal }));
    default:
      return await countOf(snapshot.scan({ signal }));
  }
}

/** Planned paths, somewhere in the table. */
function group(ordinal: number): Set<string> {
  const files = Number(count);
  const first = Math.floor((files * (ordinal + 1)) / (GROUPS + 2));
  const only = new Set<string>();
  for (let i = 0; i < PLANNED_FILES; i++) only.add(`file://${table}/${filePath((first + i) % files)}`);
  return only;
}

async function countOf(batches: AsyncIterable<readonly unknown[]>): Promise<number> {
  let found = 0;
  for await (const batch of batches) found += batch.length;
  return found;
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function peakRssMiB(): number {
  const status = process.platform === "linux" ? readFileSync("/proc/self/status", "utf8") : "";
  const peakKiB = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS);
  return Math.round(peakKiB / 1024);
}
