import { startS3Double } from "../../test/support/s3-double/index.ts";

/** The S3 server in a process of its own. Arguments: added latency in milliseconds, then a bucket and its folder, and so on. */
const [latency = "0", ...buckets] = process.argv.slice(2);
const s3 = await startS3Double({ latencyMs: Number(latency) });
for (let i = 0; i < buckets.length; i += 2) {
  await s3.objects.putFolder(buckets[i] ?? "", "", buckets[i + 1] ?? "");
}
console.log(s3.endpoint);
process.stdin.resume().on("end", () => process.exit());
