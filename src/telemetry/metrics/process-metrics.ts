import { monitorEventLoopDelay } from "node:perf_hooks";
import type { MetricRegistry } from "./registry.ts";

/** The process under the names that every Prometheus client gives it. The event loop is watched until the function returned is called. */
export function addProcessMetrics(registry: MetricRegistry, startedAtMs: number): () => void {
  const start = registry.gauge({
    name: "process_start_time_seconds",
    help: "Start time of the process since the Unix epoch, in seconds.",
  });
  const cpu = registry.total({
    name: "process_cpu_seconds_total",
    help: "User and system time of the process, all threads, in seconds.",
  });
  const resident = registry.gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory, in bytes.",
  });
  const heap = registry.gauge({
    name: "nodejs_heap_size_used_bytes",
    help: "Used heap of the main thread, in bytes.",
  });
  const lag = registry.gauge({
    name: "nodejs_eventloop_lag_p99_seconds",
    help: "99th percentile of the event loop's delay since the last reading, in seconds.",
  });
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  start.set(startedAtMs / 1000);
  registry.onRead(() => {
    const { user, system } = process.cpuUsage();
    cpu.set((user + system) / 1e6);
    const memory = process.memoryUsage();
    resident.set(memory.rss);
    heap.set(memory.heapUsed);
    const p99 = delay.percentile(99) / 1e9;
    lag.set(Number.isFinite(p99) ? p99 : 0);
    delay.reset();
  });
  return () => delay.disable();
}
