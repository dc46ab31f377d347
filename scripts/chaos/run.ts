/**
 * Many small jobs, real workers in processes of their own, and everything between and under them failing by seed: calls, by the
 * fault proxy; workers, by SIGKILL, SIGSTOP and drains; the control plane, by SIGKILL, restarts and jumps of its clock. At the
 * end every job must have succeeded once.
 */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type FaultKind,
  seededFaults,
  seededRandom,
  startFaultProxy,
} from "../../src/control-plane/chaos/index.ts";
import { connectAdmin } from "../../src/control-plane/client.ts";
import { connectJobControl } from "../../src/protocol/index.ts";
import { writeTinyTable } from "../../test/support/tiny-table.ts";
import { type AuditedTable, audit, type Findings, installAudit } from "./audit.ts";
import { type ControlPlaneProcess, startControlPlaneProcess } from "./control-plane.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import type { ChaosOptions } from "./options.ts";

export interface ChaosReport extends Findings {
  readonly jobs: number;
  readonly workers: number;
  readonly seed: number;
  readonly seconds: number;
  /** Faults by kind. */
  readonly faults: Readonly<Record<FaultKind | Blow, number>>;
  /** Workers that ended by themselves. */
  readonly crashes: number;
  /** Errors of the control plane that are defects of ours. */
  readonly defects: number;
}

type Blow =
  | "kill-worker"
  | "drain-worker"
  | "pause-worker"
  | "kill-control-plane"
  | "restart-control-plane"
  | "clock-jump";

/** Every blow falls before one falls again; workers are killed most. */
const DECK: readonly Blow[] = [
  "kill-worker",
  "clock-jump",
  "restart-control-plane",
  "pause-worker",
  "kill-worker",
  "drain-worker",
  "clock-jump",
  "kill-control-plane",
  "kill-worker",
];

const FILES_OF_A_TABLE = 100;
const OUTPUTS = ["table", "file", "column", "page-index"] as const;
const PROGRESS_EVERY_MS = 10_000;

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { jobs, generation, spec, tell } = options;
  const startedMs = performance.now();
  const folder = await realpath(await mkdtemp(join(tmpdir(), "floecat-capture-chaos-")));
  const dataDir = join(folder, "data");
  const root = join(folder, "tables");
  let conflictAnswers = 0;
  let plane: ControlPlaneProcess | undefined;
  let fleet: Fleet | undefined;
  try {
    installAudit(dataDir, generation);
    plane = await startControlPlaneProcess({ dataDir, generation });
    const { url } = plane;
    const tables = await enqueueTables(url, root, jobs);
    tell(`${jobs} jobs in ${tables.length} tables are queued`);
    const proxy = await startFaultProxy({
      listen: { host: "127.0.0.1", port: 0 },
      target: () => url,
      choose: seededFaults(spec),
      onAnswer: (_path, status, message) => {
        if (isConflict(status, message)) conflictAnswers++;
      },
    });
    fleet = startFleet({ workers: options.workers, url: proxy.url, root });
    const blows = noBlows();
    const over = new AbortController();
    const striking = strike({ ...options, plane, fleet, blows, signal: over.signal });
    await allEnded(url, options, startedMs + options.limitMs);
    over.abort();
    await striking;
    const faults = { ...proxy.counts(), ...blows };
    await fleet.stop();
    await proxy.close();
    await plane.stop();
    const findings = await audit(dataDir, generation, { jobs, tables });
    const conflicting = findings.conflicting + conflictAnswers;
    return {
      jobs,
      workers: options.workers,
      seed: spec.seed,
      seconds: Math.round((performance.now() - startedMs) / 100) / 10,
      ...findings,
      conflicting,
      faults,
      crashes: fleet.crashes.length,
      defects: plane.defects.length,
      details: [...findings.details, ...fleet.crashes, ...plane.defects],
    };
  } finally {
    fleet?.killAll();
    await plane?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** ABORTED for good: a result id with other content, a stored record that differs (02 §12.4, §12.5). */
function isConflict(grpcStatus: string, grpcMessage: string): boolean {
  return grpcStatus === "10" && !/retry|pending|staged|complete/i.test(grpcMessage);
}

async function enqueueTables(url: string, root: string, jobs: number): Promise<AuditedTable[]> {
  const admin = connectAdmin(url);
  const tables: AuditedTable[] = [];
  const { signal } = new AbortController();
  for (let left = jobs; left > 0; left -= FILES_OF_A_TABLE) {
    const files = Math.min(left, FILES_OF_A_TABLE);
    const tableUri = join(root, `table-${tables.length}`);
    await writeTinyTable(tableUri, files);
    const enqueued = await admin.enqueue(
      { tableUri, format: "parquet", outputs: OUTPUTS, filesPerGroup: 1 },
      { signal },
    );
    const { jobId: rootJobId, accountId, tableId, snapshotId } = enqueued;
    tables.push({ rootJobId, accountId, tableId, snapshotId, files });
  }
  return tables;
}

/** Until no job is left that hasn't ended, or the time is over. Asks past the proxy; the control plane may be away. */
async function allEnded(url: string, { jobs, tell }: ChaosOptions, untilMs: number): Promise<void> {
  const control = await connectJobControl({ url });
  const { signal } = new AbortController();
  let nextTellMs = performance.now() + PROGRESS_EVERY_MS;
  const unfinished = async (rootsOnly: boolean, pageSize: number) => {
    const states = ["queued", "waiting", "running", "cancelling"] as const;
    const page = await control.jobs.list({ states, rootsOnly, pageSize }, { signal, timeoutMs: 5000 });
    return page.jobs;
  };
  try {
    while (performance.now() < untilMs) {
      const left = await unfinished(true, 1000).catch(() => undefined);
      if (left?.length === 0) return;
      if (performance.now() > nextTellMs && left !== undefined) {
        nextTellMs = performance.now() + PROGRESS_EVERY_MS;
        tell(`${left.length} of ${Math.ceil(jobs / FILES_OF_A_TABLE)} tables are unfinished`);
      }
      await sleep(500);
    }
  } finally {
    control.close();
  }
}

function noBlows(): Record<Blow, number> {
  return {
    "kill-worker": 0,
    "drain-worker": 0,
    "pause-worker": 0,
    "kill-control-plane": 0,
    "restart-control-plane": 0,
    "clock-jump": 0,
  };
}

interface Striking extends ChaosOptions {
  readonly plane: ControlPlaneProcess;
  readonly fleet: Fleet;
  readonly blows: Record<Blow, number>;
  readonly signal: AbortSignal;
}

async function strike({ plane, fleet, blows, signal, ...options }: Striking): Promise<void> {
  const random = seededRandom(`${options.spec.seed} blows`);
  const pauses = new Set<Promise<void>>();
  for (let deal = 0; ; deal++) {
    const waitMs = options.blowEveryMs * (1 + random());
    const victim = Math.floor(random() * options.workers);
    const amount = random() * 2 - 1;
    await sleep(waitMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    const blow = DECK[deal % DECK.length] ?? "kill-worker";
    blows[blow]++;
    switch (blow) {
      case "kill-worker":
        await fleet.kill(victim);
        break;
      case "drain-worker":
        fleet.drain(victim);
        break;
      case "pause-worker": {
        const pause = fleet.pause(victim);
        pauses.add(pause);
        void pause.finally(() => pauses.delete(pause));
        break;
      }
      case "kill-control-plane":
        await plane.restart("SIGKILL");
        break;
      case "restart-control-plane":
        await plane.restart("SIGTERM");
        break;
      case "clock-jump":
        plane.jump(Math.round(amount * options.spec.maxJumpMs));
        break;
    }
  }
  await Promise.all(pauses);
}
