import { describe, expect, it } from "vitest";
import { prometheusText } from "./prometheus.ts";
import { MetricRegistry } from "./registry.ts";

describe("metrics as Prometheus reads them", () => {
  it("a counter without labels is there from the start, and never falls", () => {
    const registry = new MetricRegistry();
    const files = registry.counter({ name: "files_total", help: "Files." });
    expect(prometheusText(registry.read())).toBe(
      "# HELP files_total Files.\n# TYPE files_total counter\nfiles_total 0\n",
    );
    files.add(2);
    files.add(-1);
    expect(prometheusText(registry.read())).toContain("files_total 2\n");
  });

  it("labels keep their order and are escaped", () => {
    const registry = new MetricRegistry();
    const jobs = registry.gauge({ name: "jobs", help: "a\nb \\", labels: ["b", "a"] });
    jobs.set(1.5, { a: 'x"y\\z\n', b: "1", unknown: "left out" });
    expect(prometheusText(registry.read())).toBe(
      '# HELP jobs a\\nb \\\\\n# TYPE jobs gauge\njobs{b="1",a="x\\"y\\\\z\\n"} 1.5\n',
    );
  });

  it("buckets of a histogram are cumulative and end with +Inf; a value on a bound belongs to it", () => {
    const registry = new MetricRegistry();
    const seconds = registry.histogram({ name: "s", help: "S.", bounds: [1, 2] });
    for (const value of [0.5, 1, 1.5, 9, Number.NaN]) seconds.observe(value);
    expect(prometheusText(registry.read())).toBe(
      '# HELP s S.\n# TYPE s histogram\ns_bucket{le="1"} 2\ns_bucket{le="2"} 3\ns_bucket{le="+Inf"} 4\ns_sum 12\ns_count 4\n',
    );
  });

  it("gauges that are looked up are refreshed by each reading", () => {
    const registry = new MetricRegistry();
    const gauge = registry.gauge({ name: "g", help: "G." });
    let value = 1;
    registry.onRead(() => gauge.set(value++));
    registry.read();
    expect(prometheusText(registry.read())).toContain("g 2\n");
  });

  it("a name is taken once, and a family with ever new label values stops growing", () => {
    const registry = new MetricRegistry();
    const counter = registry.counter({ name: "c", help: "C.", labels: ["l"] });
    expect(() => registry.gauge({ name: "c", help: "again" })).toThrow("twice");
    for (let i = 0; i < 2_000; i++) counter.add(1, { l: String(i) });
    expect(registry.read()[0]?.samples).toHaveLength(500);
  });
});
