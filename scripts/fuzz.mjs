// Fuzzing of everything that parses bytes: `npm run fuzz -- [--target parquet] [--inputs 200000] [--seed 1] [--seconds N]
// [--json] [--save FOLDER]`. Exit code 1 if anything was found; with --save, the inputs that found it are written there.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DEFAULT_LIMITS, runCampaign } from "../test/fuzz/harness/campaign.ts";
import { minimise } from "../test/fuzz/harness/minimise.ts";
import { randomOf } from "../test/fuzz/harness/random.ts";
import { TARGET_NAMES } from "../test/fuzz/harness/target.ts";
import { openTarget } from "../test/fuzz/targets.ts";
import { buildWasm } from "./build-wasm.mjs";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    inputs: { type: "string", default: "200000" },
    seed: { type: "string", default: "1" },
    seconds: { type: "string" },
    json: { type: "boolean", default: false },
    save: { type: "string" },
  },
});
const inputs = wholeNumber("inputs");
const seed = wholeNumber("seed");
const maxSeconds = values.seconds === undefined ? undefined : wholeNumber("seconds");
const targets =
  values.target === undefined ? TARGET_NAMES : TARGET_NAMES.filter((name) => name === values.target);
if (targets.length === 0) fail(`--target ${values.target} is none of ${TARGET_NAMES.join(", ")}`);

await buildWasm();
let found = 0;
for (const target of targets) {
  const report = await runCampaign({ ...DEFAULT_LIMITS, target, seed, inputs, maxSeconds, onProgress });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  found += report.findings.length;
  if (values.save !== undefined) await save(values.save, report);
  console.log(values.json ? JSON.stringify(report) : describe(report));
}
process.exitCode = found > 0 ? 1 : 0;

function onProgress(done) {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${inputs} inputs`);
  else if (done % 10_000 === 0) process.stderr.write(`${done} of ${inputs} inputs\n`);
}

function describe({ target, tally, findings, unconfirmed, seconds, seedCount }) {
  const refused = Object.values(tally.refused).reduce((sum, count) => sum + count, 0);
  return [
    `${target}: ${tally.inputs} inputs from ${seedCount} seeds in ${Math.round(seconds)} s, seed ${seed}`,
    `  ${tally.accepted} accepted, ${refused} refused, ${findings.length} findings, ${unconfirmed.length} unconfirmed`,
    `  slowest: input ${tally.slowest.index}, ${Math.round(tally.slowest.ms)} ms`,
    "  refused because:",
    ...byCount(tally.refused),
    ...(Object.keys(tally.notes).length > 0 ? ["  among them:", ...byCount(tally.notes)] : []),
    ...findings.map(
      (one) => `  FOUND by input ${one.index} (${one.times} times): ${one.what}\n${indented(one.detail)}`,
    ),
    ...unconfirmed.map((one) => `  unconfirmed, input ${one.index} (${one.times} times): ${one.what}`),
  ].join("\n");
}

function byCount(counts) {
  const sorted = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  return sorted.map(([text, count]) => `${String(count).padStart(10)}  ${text}`);
}

function indented(text) {
  return text.replaceAll(/^/gm, "    ");
}

/** Hangs and crashes are kept as they are: each try would cost a process. */
async function save(folder, report) {
  if (report.findings.length === 0) return;
  const target = await openTarget(report.target);
  mkdirSync(folder, { recursive: true });
  for (const { index, what } of report.findings) {
    let input = target.mutant(randomOf(seed, index));
    if (!/^(hang|crash|memory)/.test(what)) {
      input = await minimise(input, async (smaller) => {
        const outcome = await target.run(smaller);
        return outcome.kind === "finding" && outcome.what === what;
      });
    }
    writeFileSync(join(folder, `${report.target}-${seed}-${index}.bin`), input);
  }
}

function wholeNumber(name) {
  const number = Number(values[name]);
  if (!Number.isSafeInteger(number) || number < 0) fail(`--${name} ${values[name]} is no whole number`);
  return number;
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
