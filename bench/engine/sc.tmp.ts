import { readdirSync } from "node:fs";
import { ourRunner } from "./ours.ts";

const dir = new URL("../../.bench-data/", import.meta.url).pathname;
const f =
  dir +
  readdirSync(dir).find((n) => n.startsWith(process.argv[2] ?? "lineitem-snappy") && n.endsWith(".parquet"));
for (const work of (process.argv[3] ?? "pages,ndv").split(",") as any[])
  for (const t of [1, 2, 1, 2]) {
    const r = await ourRunner(f, t, work);
    await r.run();
    const ts = [];
    for (let i = 0; i < 7; i++) {
      const c = process.cpuUsage();
      const s = performance.now();
      await r.run();
      const d = process.cpuUsage(c);
      ts.push([performance.now() - s, d.user / 1000, d.system / 1000]);
    }
    ts.sort((a, b) => a[0] - b[0]);
    console.log(
      work,
      t,
      "min",
      ts[0].map((x) => x.toFixed(0)).join("/"),
      "median",
      ts[3].map((x) => x.toFixed(0)).join("/"),
      "(wall/user/sys)",
    );
    await r.close();
  }
console.log(process.resourceUsage().maxRSS / 1024);
