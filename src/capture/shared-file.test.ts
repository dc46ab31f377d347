import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CapturePool, createCapturePool } from "./pool.ts";
import { captureSharedFile } from "./shared-file.ts";
import type { FileTask } from "./task.ts";

const TASK: FileTask = {
  path: `file://${process.cwd()}/demo/orders/orders-2026-03-02.parquet`,
  store: { local: { kind: "anywhere" } },
  footerPlan: undefined,
  widthNames: ["shop", "amount"],
  index: { columns: { by: "all" } },
  distinct: { names: ["order_id", "shop", "amount", "note"], k: 4096 },
  crc: "error",
};

let pool: CapturePool;
beforeAll(() => {
  pool = createCapturePool({ threads: 3 });
});
afterAll(() => pool.close());

describe("a file shared by threads", () => {
  const signal = new AbortController().signal;

  test("gives byte for byte what one thread gives, whoever took which chunk", async () => {
    const alone = await pool.run(TASK, { signal });
    for (let round = 0; round < 5; round++) {
      const shared = await captureSharedFile(TASK, pool, { signal });
      expect(shared.sidecar).toEqual(alone.sidecar);
      expect(shared.distinct).toEqual(alone.distinct);
      expect(shared.widths).toEqual(alone.widths);
      expect(shared.footerRowCount).toBe(6000n);
    }
  });

  test("reports what all threads together have read", async () => {
    let last = 0;
    const shared = await captureSharedFile(TASK, pool, {
      signal,
      onProgress: ({ bytesRead }) => {
        expect(bytesRead).toBeGreaterThanOrEqual(last);
        last = bytesRead;
      },
    });
    expect(shared.bytesRead).toBeGreaterThanOrEqual(100_000);
  });

  test("ends with the trouble of one thread, and stops the others", async () => {
    const missing = { ...TASK, path: "file:///nowhere/at/all.parquet" };
    await expect(captureSharedFile(missing, pool, { signal })).rejects.toThrow(/nowhere/);
  });

  test("stops when cancelled", async () => {
    const controller = new AbortController();
    const running = captureSharedFile(TASK, pool, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
  });
});
