import type { Labels, MetricFamily, Sample } from "./registry.ts";

/** Content type of the text format. */
export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Families in the text format of Prometheus, version 0.0.4. */
export function prometheusText(families: readonly MetricFamily[]): string {
  return families
    .map(({ name, help, kind, samples }) => {
      const head = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind}\n`;
      return head + samples.map((sample) => sampleLines(name, sample)).join("");
    })
    .join("");
}

function sampleLines(name: string, sample: Sample): string {
  if (sample.kind === "value") return line(name, sample.labels, sample.value);
  let below = 0;
  const buckets = sample.counts.map((count, i) => {
    below += count;
    const le = sample.bounds[i] === undefined ? "+Inf" : String(sample.bounds[i]);
    return line(`${name}_bucket`, { ...sample.labels, le }, below);
  });
  return `${buckets.join("")}${line(`${name}_sum`, sample.labels, sample.sum)}${line(`${name}_count`, sample.labels, below)}`;
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${number(value)}\n`;
}

function number(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
