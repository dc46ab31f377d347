import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { controlPlaneMetrics, workerMetrics } from "../../src/observation/index.ts";
import { addProcessMetrics, type MetricFamily, MetricRegistry } from "../../src/telemetry/index.ts";

/** Dashboard and alert rules speak of metrics and labels that there are. */

const FILES = ["deploy/grafana/floecat-capture.json", "deploy/prometheus/alerts.yaml"] as const;
/** Given by Prometheus itself to what it scrapes. */
const OF_PROMETHEUS = ["job", "instance", "le"];

function everyMetric(): ReadonlyMap<string, MetricFamily> {
  const registry = new MetricRegistry();
  addProcessMetrics(registry, 0)();
  workerMetrics(registry, { version: "0", nodeVersion: "v0" });
  const overview = { jobCounts: () => [], oldestDueMs: () => undefined };
  const store: object = { overview, leases: { liveCount: () => 0 } };
  controlPlaneMetrics(registry, {
    server: Object.assign(Object.create(null), { store, context: { generation: "chunked" } }),
    clock: { nowMs: () => 0 },
    version: "0",
    readiness: () => ({ ready: true, reason: "ready" }),
  });
  return new Map(registry.read().map((family) => [family.name, family]));
}

const metrics = everyMetric();

const NAME = /\b(?:floecat_capture|rpc_client|process|nodejs)_[a-z0-9_]+/g;

function familyOf(name: string): MetricFamily | undefined {
  const base = name.replace(/_(bucket|sum|count)$/, "");
  const family = metrics.get(name) ?? metrics.get(base);
  return family?.kind === "histogram" || family?.name === name ? family : undefined;
}

describe.each(FILES)("%s", (file) => {
  const text = readFileSync(join(import.meta.dirname, "../..", file), "utf8").replaceAll('\\"', '"');

  it("names metrics that exist", () => {
    const names = [...new Set(text.match(NAME))];
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => familyOf(name) === undefined)).toEqual([]);
  });

  it("selects by labels that the metric has", () => {
    const selectors = [
      ...text.matchAll(/\b((?:floecat_capture|rpc_client|process|nodejs)_[a-z0-9_]+)\{([^}]*)\}/g),
    ];
    const unknown = selectors.flatMap(([, name = "", inside = ""]) => {
      const known = [...OF_PROMETHEUS, ...(familyOf(name)?.labels ?? [])];
      const used = [...inside.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map(([, label = ""]) => label);
      return used.filter((label) => !known.includes(label)).map((label) => `${name}{${label}}`);
    });
    expect(unknown).toEqual([]);
  });

  it("groups by labels that some metric of the expression has", () => {
    const lines = text.split("\n").filter((line) => line.includes(" by ("));
    const unknown = lines.flatMap((line) => {
      const names = [...(line.match(NAME) ?? [])];
      const known = new Set([...OF_PROMETHEUS, ...names.flatMap((name) => familyOf(name)?.labels ?? [])]);
      const used = [...line.matchAll(/ by \(([^)]*)\)/g)].flatMap(([, list = ""]) =>
        list.split(",").map((each) => each.trim()),
      );
      return used.filter((label) => !known.has(label));
    });
    expect(unknown).toEqual([]);
  });
});

it("docs/monitoring.md lists every metric, with its labels, and no other", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/monitoring.md"), "utf8");
  const listed = [...text.matchAll(/^\| `([a-z_0-9]+)` \| (counter|gauge|histogram) \| (.*?) \|/gm)].map(
    ([, name, kind, labels = ""]) => ({
      name,
      kind,
      labels: [...labels.matchAll(/`([a-z_]+)`/g)].map(([, label]) => label),
    }),
  );
  const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }) =>
    (a.name ?? "") < (b.name ?? "") ? -1 : 1;
  const defined = [...metrics.values()].map(({ name, kind, labels }) => ({ name, kind, labels }));
  expect(listed.sort(byName)).toEqual(defined.sort(byName));
});

it("every panel has a title, a description and a query, and no two lie on one another", () => {
  const dashboard: {
    panels: {
      type: string;
      title: string;
      description?: string;
      gridPos: Record<"x" | "y" | "w" | "h", number>;
      targets?: { expr: string }[];
    }[];
  } = JSON.parse(
    readFileSync(join(import.meta.dirname, "../../deploy/grafana/floecat-capture.json"), "utf8"),
  );
  const cells = new Set<string>();
  for (const { type, title, description, gridPos, targets } of dashboard.panels) {
    expect(title).not.toBe("");
    if (type !== "row") {
      expect(description).toMatch(/\.$/);
      expect(targets?.every(({ expr }) => expr !== "")).toBe(true);
    }
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(cells.has(`${x} ${y}`)).toBe(false);
        cells.add(`${x} ${y}`);
      }
    }
  }
});

it("every alert says what happened and what to do", () => {
  const rules = readFileSync(join(import.meta.dirname, "../../deploy/prometheus/alerts.yaml"), "utf8")
    .split("- alert: ")
    .slice(1);
  expect(rules.length).toBeGreaterThan(5);
  for (const rule of rules) {
    for (const part of ["expr:", "severity:", "summary:", "description:"]) expect(rule).toContain(part);
  }
});
