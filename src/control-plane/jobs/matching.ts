import type { Generation } from "../../model/index.ts";
import type { JobKind } from "../../protocol/port.ts";
import { DEFAULT_EXECUTION_CLASS, type Job } from "./job.ts";

/** Which jobs a lease request may have (02 §3.2), and where they are looked for (02 §3.3). */
export interface LeaseFilter {
  readonly generation: Generation;
  /** Empty: all. */
  readonly executionClasses: ReadonlySet<number>;
  /** Trimmed; empty: all. */
  readonly lanes: ReadonlySet<string>;
  /** Empty: all. */
  readonly kinds: ReadonlySet<JobKind>;
  readonly executorIds: ReadonlySet<string>;
}

/** `LeaseReconcileJobRequest` by its values. */
export interface LeaseQuery {
  readonly executorId: string;
  readonly executionClasses: readonly number[];
  readonly lanes: readonly string[];
  readonly jobKinds: readonly number[];
  readonly executorIds: readonly string[];
}

/** `ReconcileJobKind` in number order from 1 (01 §4.1). */
export const JOB_KINDS: readonly JobKind[] = [
  "plan-connector",
  "plan-table",
  "plan-view",
  "plan-snapshot",
  "exec-file-group",
  "finalize-snapshot-capture",
];

export function jobKindNumber(kind: JobKind): number {
  return JOB_KINDS.indexOf(kind) + 1;
}

/**
 * Unspecified and unknown kinds are dropped, so a list of only such values asks for every kind (QUIRK 12.12, matched).
 * `executor_id` counts for pins in inline only (QUIRK 12.7, matched).
 */
export function leaseFilter(query: LeaseQuery, generation: Generation): LeaseFilter {
  const executors = generation === "inline" ? [...query.executorIds, query.executorId] : query.executorIds;
  return {
    generation,
    executionClasses: new Set(query.executionClasses.map(executionClass)),
    lanes: new Set(query.lanes.map((lane) => lane.trim())),
    kinds: new Set(query.jobKinds.flatMap((number) => JOB_KINDS[number - 1] ?? [])),
    executorIds: new Set(executors.map((id) => id.trim()).filter((id) => id !== "")),
  };
}

/** `EC_UNSPECIFIED` and unknown numbers count as `EC_DEFAULT`. */
export function executionClass(number: number): number {
  return number >= 1 && number <= 4 ? number : DEFAULT_EXECUTION_CLASS;
}

export function matches(job: Job, filter: LeaseFilter): boolean {
  return (
    (filter.executionClasses.size === 0 || filter.executionClasses.has(job.policy.executionClass)) &&
    laneMatches(job, filter) &&
    (filter.kinds.size === 0 || filter.kinds.has(job.kind)) &&
    (job.pinnedExecutorId === "" || filter.executorIds.has(job.pinnedExecutorId))
  );
}

function laneMatches(job: Job, { lanes, generation }: LeaseFilter): boolean {
  if (lanes.size === 0 || lanes.has("*") || lanes.has(job.policy.lane)) return true;
  return generation === "chunked" && lanes.has(job.laneKey);
}

/** One index that a lease call looks through, in the order of due time. */
export type Selection =
  | { readonly by: "pin"; readonly executorId: string }
  | { readonly by: "lane"; readonly lane: string }
  | { readonly by: "lane-key"; readonly laneKeys: readonly string[] }
  | { readonly by: "kind"; readonly kind: JobKind }
  | { readonly by: "class"; readonly executionClass: number }
  | { readonly by: "all" };

/**
 * The indexes in the order in which they are tried. Chunked looks pinned jobs up by executor and everything else in exactly
 * one further kind of index; named lanes are looked up as lane keys there, also beside a `*` (QUIRK 12.6, matched).
 * `rotation` turns the lists of chunked, so that one value doesn't starve the others.
 */
export function selections(filter: LeaseFilter, rotation: number): Selection[] {
  const executors = sorted(filter.executorIds);
  const namedLanes = sorted(filter.lanes).filter((lane) => lane !== "" && lane !== "*");
  const kinds = sorted(filter.kinds);
  const classes = [...filter.executionClasses].sort((a, b) => a - b);
  const byKind = kinds.map((kind): Selection => ({ by: "kind", kind }));
  const byClass = classes.map((number): Selection => ({ by: "class", executionClass: number }));
  if (filter.generation === "inline") {
    const lanes = filter.lanes.has("*") ? [] : namedLanes;
    return [
      ...executors.map((executorId): Selection => ({ by: "pin", executorId })),
      ...lanes.map((lane): Selection => ({ by: "lane", lane })),
      ...byKind,
      ...byClass,
      { by: "all" },
    ];
  }
  const pins = rotate(executors, rotation).map((executorId): Selection => ({ by: "pin", executorId }));
  if (namedLanes.length > 0) return [...pins, { by: "lane-key", laneKeys: namedLanes }];
  if (byKind.length > 0) return [...pins, ...rotate(byKind, rotation)];
  if (byClass.length > 0) return [...pins, ...rotate(byClass, rotation)];
  return [...pins, { by: "all" }];
}

function sorted<T extends string>(values: ReadonlySet<T>): T[] {
  return [...values].sort();
}

function rotate<T>(values: readonly T[], by: number): T[] {
  if (values.length === 0) return [];
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}
