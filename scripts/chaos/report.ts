import type { Generation } from "../../src/model/index.ts";
import type { ChaosReport } from "./run.ts";

/** Figures of runs of several generations as one: counts are added up. */
export function totalOf(reports: readonly ChaosReport[]): ChaosReport {
  const [first, ...rest] = reports;
  if (first === undefined) throw new RangeError("no run to report");
  return rest.reduce(sum, first);
}

function sum(a: ChaosReport, b: ChaosReport): ChaosReport {
  const faults = { ...a.faults };
  for (const kind of Object.keys(faults)) if (isFault(kind, faults)) faults[kind] += b.faults[kind];
  return {
    ...a,
    jobs: a.jobs + b.jobs,
    seconds: a.seconds + b.seconds,
    succeeded: a.succeeded + b.succeeded,
    lost: a.lost + b.lost,
    conflicting: a.conflicting + b.conflicting,
    duplicates: a.duplicates + b.duplicates,
    unfinalised: a.unfinalised + b.unfinalised,
    held_leases: a.held_leases + b.held_leases,
    crashes: a.crashes + b.crashes,
    defects: a.defects + b.defects,
    faults,
    details: [...a.details, ...b.details],
  };
}

function isFault<Faults extends object>(kind: PropertyKey, faults: Faults): kind is keyof Faults {
  return kind in faults;
}

/** What must not be: nothing lost, doubled, left over or broken. */
export function isSound(report: ChaosReport): boolean {
  const { jobs, succeeded, lost, conflicting, duplicates, unfinalised, held_leases, crashes, defects } =
    report;
  return (
    succeeded === jobs &&
    [lost, conflicting, duplicates, unfinalised, held_leases, crashes, defects].every((count) => count === 0)
  );
}

/** How many of the jobs each generation gets: the earlier ones one more, if they don't divide evenly. */
export function jobsByGeneration(jobs: number, generations: readonly Generation[]): [Generation, number][] {
  return generations.map((generation, index) => [
    generation,
    Math.floor(jobs / generations.length) + (index < jobs % generations.length ? 1 : 0),
  ]);
}
