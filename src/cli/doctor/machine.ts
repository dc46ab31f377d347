import { Worker } from "node:worker_threads";
import { systemClock } from "../../model/index.ts";
import { kernelsModule } from "../../wasm/index.ts";
import { formatBytes, formatDuration } from "../terminal/format.ts";
import { type Finding, failed, ok, reasonOf, warning } from "./check.ts";

const LEAST_NODE = [22, 15] as const;

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [needMajor, needMinor] = LEAST_NODE;
  return major > needMajor || (major === needMajor && minor >= needMinor)
    ? ok(`Node.js ${version}, ${process.platform} ${process.arch}`)
    : failed(`Node.js ${version}`, `install Node.js ${needMajor}.${needMinor} or newer`);
}

/** The kernels are loaded, which no machine without WebAssembly SIMD does, and threads are started. */
export async function checkThreads(threads: number): Promise<Finding> {
  try {
    kernelsModule();
  } catch (error) {
    return failed(
      `the WebAssembly kernels can't be loaded: ${reasonOf(error)}`,
      "use a processor and a Node.js build with WebAssembly SIMD",
    );
  }
  const startedMs = systemClock.monotonicMs();
  try {
    await Promise.all(Array.from({ length: threads }, startThread));
  } catch (error) {
    return failed(
      `threads can't be started: ${reasonOf(error)}`,
      "raise the limit of processes (ulimit -u, or the container's pids limit), or set --threads lower",
    );
  }
  const tookMs = systemClock.monotonicMs() - startedMs;
  return ok(
    `${threads} ${threads === 1 ? "thread" : "threads"} started in ${formatDuration(tookMs)}; WebAssembly with SIMD`,
  );
}

async function startThread(): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const worker = new Worker("0", { eval: true });
    worker.once("error", reject);
    worker.once("exit", () => resolve());
  });
}

export function checkMemory(limitBytes: number, neededBytes: number): Finding {
  const found = `${formatBytes(limitBytes)} may be used; the settings ask for up to ${formatBytes(neededBytes)}`;
  return limitBytes >= neededBytes
    ? ok(found)
    : warning(found, "give the container more memory, or lower floecat.capture.max-memory-bytes");
}
