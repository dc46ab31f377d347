import { DATASETS, datasetFile } from "./data.ts";
for (const d of DATASETS.filter(d => process.argv.slice(2).includes(d.name))) { console.time(d.name); console.log(await datasetFile(d, new URL("../../.bench-data", import.meta.url).pathname, console.log)); console.timeEnd(d.name); }
