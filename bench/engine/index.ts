import { join } from "node:path";
import { parseArgs } from "node:util";
// @ts-expect-error: a script without types
import { buildWasm } from "../../scripts/build-wasm.mjs";
import { parseByteSize } from "../../src/config/index.ts";
import { DATASETS, datasetFile } from "./data.ts";
import { type Measurement, measure } from "./measure.ts";
import { hasPyarrow } from "./pyarrow.ts";
import type { Contender } from "./runner.ts";

/**
 * The engine against its peers: minimum and maximum of every page of every column, and that with distinct counts. Every figure
 * is the median of runs interleaved with the peers', each contender in a process of its own; what counts are the ratios.
 */
const FOLDER = join(import.meta.dirname, "../../.bench-data");
const HYPARQUET_ROWS = 1_000_000;

/** The bars, on the first data set. */
const BARS: Readonly<Record<string, number>> = {
  "duckdb pages": 2,
  "duckdb ndv": 3,
  "hyparquet pages": 10,
  scaling: 1.8,
};

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      runs: { type: "string", default: "5" },
      only: { type: "string", multiple: true },
      "max-memory": { type: "string" },
      "skip-hyparquet": { type: "boolean", default: false },
    },
  });
  await buildWasm();
  const wanted = DATASETS.filter((d) => values.only === undefined || values.only.includes(d.name));
  const withPyarrow = hasPyarrow();
  const { "max-memory": size } = values;
  const maxMemoryBytes = size === undefined ? undefined : parseByteSize(size);
  for (const dataset of wanted) {
    const file = await datasetFile(dataset, FOLDER, (line) => console.error(line));
    const contenders: Contender[] = [
      ...WORK.flatMap((work) => [1, 2].map((threads) => ({ peer: "ours" as const, threads, work }))),
      ...(["read", "decompress", "levels"] as const).map((work) => ({
        peer: "ours" as const,
        threads: 1,
        work,
      })),
      ...WORK.flatMap((work) => [1, 2].map((threads) => ({ peer: "duckdb" as const, threads, work }))),
      ...(withPyarrow
        ? [1, 2].map((threads) => ({ peer: "pyarrow" as const, threads, work: "pages" as const }))
        : []),
      ...(values["skip-hyparquet"] || !dataset.hyparquet
        ? []
        : [{ peer: "hyparquet" as const, threads: 1, work: "pages" as const }]),
    ];
    const measured = await measure(contenders, file, Number(values.runs), HYPARQUET_ROWS, maxMemoryBytes);
    if (values.json) printJson(dataset.name, measured);
    else printTable(dataset.name, dataset.what, measured);
  }
}

const WORK = ["pages", "ndv"] as const;

function find(measured: readonly Measurement[], peer: string, work: string, threads: number) {
  return measured.find(({ contender: c }) => c.peer === peer && c.work === work && c.threads === threads);
}

/** Time for the whole file, where a peer read a part of its rows. */
function wholeMs({ ms, outcome }: Measurement): number {
  const part = /^(\d+) of (\d+) rows/.exec(outcome);
  return part === null ? ms : (ms * Number(part[2])) / Number(part[1]);
}

/** Each peer's measurement beside ours of the same work on as many threads. */
function comparisons(measured: readonly Measurement[]) {
  return measured.flatMap((peer) => {
    const { peer: name, work, threads } = peer.contender;
    const ours = find(measured, "ours", work, threads);
    if (name === "ours" || ours === undefined) return [];
    return [{ name, work, threads, ours, peer, ratio: wholeMs(peer) / ours.ms }];
  });
}

function printJson(bench: string, measured: readonly Measurement[]): void {
  for (const { name, work, threads, ours, peer, ratio } of comparisons(measured)) {
    const line = {
      bench: `engine/${bench}/${work}`,
      peer: name,
      threads,
      ours_ms: round(ours.ms),
      peer_ms: round(wholeMs(peer)),
      ratio: round(ratio, 2),
      peak_rss_mib: ours.peakRssMiB,
    };
    console.log(JSON.stringify(line));
  }
  for (const work of WORK) {
    const one = find(measured, "ours", work, 1);
    const two = find(measured, "ours", work, 2);
    if (one === undefined || two === undefined) continue;
    console.log(
      JSON.stringify({
        bench: `engine/${bench}/${work}`,
        peer: "ours on 1 thread",
        threads: 2,
        ours_ms: round(two.ms),
        peer_ms: round(one.ms),
        ratio: round(one.ms / two.ms, 2),
        peak_rss_mib: two.peakRssMiB,
      }),
    );
  }
}

function printTable(name: string, what: string, measured: readonly Measurement[]): void {
  console.log(`\n${name}: ${what}`);
  console.log(
    row("work", "threads", "peer", "ours ms", "peer ms", "ratio", "by cpu", "ours MiB", "peer MiB", "bar"),
  );
  for (const { name: peerName, work, threads, ours, peer, ratio } of comparisons(measured)) {
    const bar = name === "lineitem-snappy" ? BARS[`${peerName} ${work}`] : undefined;
    console.log(
      row(
        ...[work, threads, peerName, round(ours.ms), round(wholeMs(peer)), `${ratio.toFixed(2)}x`],
        ...[cpuRatio(peer, ours), ours.peakRssMiB, peer.peakRssMiB, verdict(ratio, bar)],
      ),
    );
  }
  for (const work of WORK) {
    const one = find(measured, "ours", work, 1);
    const two = find(measured, "ours", work, 2);
    if (one === undefined || two === undefined) continue;
    const ratio = one.ms / two.ms;
    const bar = name === "lineitem-snappy" ? BARS.scaling : undefined;
    console.log(
      row(
        work,
        "1 → 2",
        "ours",
        round(two.ms),
        round(one.ms),
        `${ratio.toFixed(2)}x`,
        cpuScaling(one, two),
        two.peakRssMiB,
        one.peakRssMiB,
        verdict(ratio, bar),
      ),
    );
  }
  printStages(measured);
}

function verdict(ratio: number, bar: number | undefined): string {
  return bar === undefined ? "" : `${ratio >= bar ? "met" : "MISSED"} (${bar}x)`;
}

/** The ratio of processor times: it stands on a busy machine too, where waiting for a core distorts the other. */
function cpuRatio(peer: Measurement, ours: Measurement): string {
  if (peer.cpuMs === undefined || ours.cpuMs === undefined) return "";
  return `${((peer.cpuMs * wholeMs(peer)) / peer.ms / ours.cpuMs).toFixed(2)}x`;
}

/** What two threads would gain if each had a core to itself: they share the work, and more of it is done. */
function cpuScaling(one: Measurement, two: Measurement): string {
  if (one.cpuMs === undefined || two.cpuMs === undefined) return "";
  return `${((2 * one.cpuMs) / two.cpuMs).toFixed(2)}x`;
}

/** Shares of one thread's processor time, from runs that stop after each stage. */
function printStages(measured: readonly Measurement[]): void {
  const cpu = (work: string) => find(measured, "ours", work, 1)?.cpuMs ?? 0;
  const total = cpu("pages");
  const stages: readonly [string, number][] = [
    ["read", cpu("read")],
    ["decompress", cpu("decompress") - cpu("read")],
    ["levels", cpu("levels") - cpu("decompress")],
    ["values and rest", total - cpu("levels")],
  ];
  const parts = stages.map(([stage, ms]) => `${stage} ${round(ms)} ms (${round((100 * ms) / total)} %)`);
  console.log(`  processor time at 1 thread: ${parts.join(", ")}`);
  console.log(
    `  distinct counts add ${round(cpu("ndv") - total)} ms; bare read + decompress ${round(cpu("decompress"))} ms`,
  );
}

function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

function row(...cells: readonly (string | number)[]): string {
  return `  ${cells.map((cell, i) => String(cell).padStart([6, 7, 9, 9, 9, 8, 8, 9, 9, 14][i] ?? 8)).join(" ")}`;
}
