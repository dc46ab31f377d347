import type { Status, ThroughputBucket } from "../status.ts";
import { type Child, h, svg, table } from "./dom.ts";
import { bytes, clockTime, count, duration, percent, shortId } from "./format.ts";

/** Jobs, throughput and failures of a worker or a control plane, drawn anew from each status. */
export function activityView(status: Status): HTMLElement[] {
  return [
    h("h1", {}, `Activity of this ${status.role === "worker" ? "worker" : "control plane"}`),
    h("section", { "aria-label": "Summary" }, tiles(status)),
    throughput(status),
    jobs(status),
    failures(status),
  ];
}

function tiles(status: Status): HTMLElement {
  const { totals, slots, queue } = status;
  const figures: [string, string][] =
    status.role === "worker"
      ? [
          ["jobs in flight", count(status.jobs.length)],
          ["capture slots busy", slots === undefined ? "–" : `${slots.busy} of ${slots.all}`],
          ["files captured", count(totals.files)],
          ["pages indexed", count(totals.pages)],
          ["rows", count(totals.rows)],
          ["read", bytes(totals.bytesRead)],
          ["jobs succeeded", count(totals.jobsSucceeded)],
          ["jobs not succeeded", count(totals.jobsFailed)],
        ]
      : [
          ["groups queued", count(queue?.queued ?? 0)],
          ["groups running", count(queue?.running ?? 0)],
          ["groups succeeded", count(queue?.succeeded ?? 0)],
          ["groups failed", count(queue?.failed ?? 0)],
          ["files in 10 min", count(totals.files)],
        ];
  figures.push(["up for", duration(status.nowMs - status.startedAtMs)]);
  return h(
    "dl",
    { class: "tiles" },
    ...figures.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

const WIDTH = 600;
const HEIGHT = 64;

function throughput({ throughput: buckets }: Status): HTMLElement {
  const most = Math.max(1, ...buckets.map(({ files }) => files));
  const step = WIDTH / Math.max(1, buckets.length);
  const bars = buckets.map(({ files }, i) => {
    const height = (files / most) * (HEIGHT - 2);
    return svg("rect", { x: i * step + 1, y: HEIGHT - height, width: step - 2, height });
  });
  const all = buckets.reduce((sum, { files }) => sum + files, 0);
  const read = buckets.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  const said = `${count(all)} files in the last ten minutes${read > 0 ? `, ${bytes(read)} read` : ""}; at most ${count(most)} in ten seconds`;
  const chart = svg(
    "svg",
    {
      class: "bars",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      height: HEIGHT,
      role: "img",
      "aria-label": said,
    },
    ...bars,
    svg("line", { class: "axis", x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }),
  );
  return h(
    "section",
    {},
    h("h2", {}, "Throughput"),
    chart,
    h("p", { class: "ends" }, said),
    asTable(buckets),
  );
}

function asTable(buckets: readonly ThroughputBucket[]): HTMLElement {
  const rows = buckets
    .filter(({ files }) => files > 0)
    .map(({ startMs, files, bytesRead }) => [clockTime(startMs), count(files), bytes(bytesRead)]);
  const columns = [
    { title: "ten seconds from" },
    { title: "files", className: "number" },
    { title: "read", className: "number" },
  ];
  return h(
    "details",
    { "data-key": "throughput" },
    h("summary", {}, "As a table"),
    rows.length === 0 ? h("p", {}, "No file in the last ten minutes.") : table("Throughput", columns, rows),
  );
}

function jobs(status: Status): HTMLElement {
  const ofControlPlane = status.role === "control-plane";
  const columns = [
    { title: "job" },
    { title: "table" },
    { title: "stage" },
    { title: "files", className: "meter" },
    { title: "for", className: "number" },
    { title: "lease left", className: "meter" },
    ...(ofControlPlane ? [{ title: "attempt", className: "number" }] : []),
  ];
  const rows = status.jobs.map((job): (Child | readonly Child[])[] => [
    h("span", { class: "id", title: job.jobId }, shortId(job.jobId)),
    h("span", { class: "id", title: job.tableId }, job.tableId === "" ? "–" : shortId(job.tableId)),
    job.stage,
    fileProgress(job.filesDone, job.fileCount),
    duration(status.nowMs - job.startedAtMs),
    leaseLeft(job.lease, status.nowMs),
    ...(ofControlPlane ? [String((job.attempt ?? 0) + 1)] : []),
  ]);
  const body =
    rows.length === 0
      ? h("p", { class: "quiet" }, "No job is in flight.")
      : table("Jobs in flight", columns, rows);
  return h("section", {}, h("h2", {}, `Jobs in flight (${count(rows.length)})`), body);
}

function fileProgress(done: number, all: number): readonly Child[] {
  if (all === 0) return ["–"];
  const said = `${count(done)} of ${count(all)}`;
  return [h("progress", { max: all, value: Math.min(done, all), "aria-label": `${said} files` }), said];
}

function leaseLeft(lease: Status["jobs"][number]["lease"], nowMs: number): readonly Child[] {
  if (lease === undefined) return ["–"];
  const leftMs = lease.endsAtMs - nowMs;
  if (leftMs <= 0) return [h("span", { class: "bad" }, "may have run out")];
  const said = duration(leftMs);
  const meter = h("meter", {
    min: 0,
    max: lease.lengthMs,
    value: Math.min(leftMs, lease.lengthMs),
    "aria-label": `${percent(leftMs, lease.lengthMs)} of the lease`,
  });
  return [meter, said];
}

function failures(status: Status): HTMLElement {
  const columns = [
    { title: "at" },
    { title: "job" },
    { title: "outcome" },
    { title: "reason", className: "reason" },
  ];
  const rows = status.failures.map(({ atMs, jobId, outcome, reason }): Child[] => [
    clockTime(atMs),
    h("span", { class: "id", title: jobId }, shortId(jobId)),
    outcome,
    reason,
  ]);
  const body =
    rows.length === 0
      ? h("p", { class: "quiet" }, "None that this process remembers.")
      : table("Recent failures", columns, rows);
  return h("section", {}, h("h2", {}, "Recent failures"), body);
}
