import { afterEach, describe, expect, test } from "vitest";
import { UnreadableFileError } from "../model/index.ts";
import { type CapturePool, CaptureThreadError, createCapturePool } from "./pool.ts";
import type { FileTask } from "./task.ts";
import { FOOTERS_AT_ONCE } from "./task-weight.ts";

const ENTRY = new URL("../../test/support/scripted-thread.ts", import.meta.url);
const { signal } = new AbortController();

let pool: CapturePool | undefined;

function newPool(threads: number): CapturePool {
  pool = createCapturePool({ threads, entry: ENTRY });
  return pool;
}

afterEach(async () => {
  await pool?.close();
  pool = undefined;
});

/** A task that needs a footer alone. */
function footerTask(path: string): FileTask {
  return {
    path,
    store: { local: { kind: "none" } },
    footerPlan: { columns: [] },
    widthNames: [],
    index: undefined,
    distinct: undefined,
    crc: "error",
  };
}

/** A task that decodes pages. */
function pageTask(path: string): FileTask {
  return { ...footerTask(path), index: { columns: { by: "all" } } };
}

/** Paths that the thread was given along with this one. */
async function companyOf(run: Promise<{ readonly warnings: readonly string[] }>): Promise<readonly string[]> {
  return (await run).warnings;
}

describe("the capture pool", () => {
  test("gives a thread one task that decodes pages at a time", async () => {
    const { run } = newPool(1);
    const paths = ["a", "b", "c"];
    const runs = paths.map((path) => companyOf(run(pageTask(path), { signal })));
    expect(await Promise.all(runs)).toEqual([["a"], ["b"], ["c"]]);
  });

  test("gives a thread several footers in one message, and never more than it may have", async () => {
    const { run } = newPool(1);
    const paths = Array.from({ length: FOOTERS_AT_ONCE + 3 }, (_, i) => `f${i}`);
    const company = await Promise.all(paths.map((path) => companyOf(run(footerTask(path), { signal }))));
    expect(company[0]).toEqual(paths.slice(0, FOOTERS_AT_ONCE));
    expect(Math.max(...company.map((together) => together.length))).toBe(FOOTERS_AT_ONCE);
  });

  test("spreads footers over its threads", async () => {
    const { run } = newPool(2);
    const company = await Promise.all(
      ["a", "b", "c", "d"].map((path) => companyOf(run(footerTask(path), { signal }))),
    );
    expect(company.map((together) => together.length)).toEqual([2, 2, 2, 2]);
  });

  test("never lets footers share a thread with pages that are being decoded", async () => {
    const { run } = newPool(1);
    const stop = new AbortController();
    const pages = run(pageTask("wait"), { signal: stop.signal });
    const footers = ["a", "b"].map((path) => companyOf(run(footerTask(path), { signal })));
    let footersDone = false;
    Promise.all(footers).then(() => {
      footersDone = true;
    });
    // Another pool's whole round trip passes meanwhile.
    await using other = createCapturePool({ threads: 1, entry: ENTRY });
    await other.run(footerTask("x"), { signal });
    expect(footersDone).toBe(false);
    stop.abort(new Error("enough"));
    await expect(pages).rejects.toThrow("enough");
    expect(await Promise.all(footers)).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  test("a task's own failure comes back with its class and place", async () => {
    const error = await newPool(1)
      .run(footerTask("fail"), { signal })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnreadableFileError);
    expect(error).toMatchObject({ file: "fail", offset: 7, reason: "is torn" });
  });

  test("passes progress on", async () => {
    const seen: number[] = [];
    await newPool(1).run(pageTask("progress"), {
      signal,
      onProgress: ({ bytesRead }) => seen.push(bytesRead),
    });
    expect(seen).toEqual([11]);
  });
});

describe("a thread that dies", () => {
  test("fails its task with the cause, and is replaced for the next one", async () => {
    const { run } = newPool(1);
    const dead = run(pageTask("die"), { signal });
    const next = run(pageTask("next"), { signal });
    await expect(dead).rejects.toThrow(CaptureThreadError);
    await expect(dead).rejects.toThrow("while it read die");
    expect((await next).warnings).toEqual(["next"]);
  });

  test("keeps the exception that it died of as the cause", async () => {
    const error = await newPool(1)
      .run(pageTask("throw"), { signal })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CaptureThreadError);
    expect(error).toMatchObject({ cause: { message: "the kernel fell over" } });
  });

  test("fails only the task that killed it: those that shared it run again, each alone", async () => {
    const { run } = newPool(1);
    const stop = new AbortController();
    const dead = run(footerTask("die"), { signal });
    const other = run(footerTask("other"), { signal });
    const waiting = run(footerTask("wait"), { signal: stop.signal });
    await expect(dead).rejects.toThrow("while it read die");
    expect((await other).warnings).toEqual(["other"]);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  test("a task that does no harm alone is not blamed", async () => {
    const { run } = newPool(1);
    const company = await Promise.all(
      ["die-of-company", "a"].map((path) => companyOf(run(footerTask(path), { signal }))),
    );
    expect(company).toEqual([["die-of-company"], ["a"]]);
  });
});

describe("cancelling", () => {
  test("a running task is told to stop and rejects with the signal's reason", async () => {
    const stop = new AbortController();
    const running = newPool(1).run(pageTask("wait"), { signal: stop.signal });
    stop.abort(new Error("lease lost"));
    await expect(running).rejects.toThrow("lease lost");
  });

  test("a queued task leaves the queue at once, and what waited behind it runs", async () => {
    const { run } = newPool(1);
    const first = new AbortController();
    const queued = new AbortController();
    const running = run(pageTask("wait"), { signal: first.signal });
    const waiting = run(pageTask("never"), { signal: queued.signal });
    const behind = run(pageTask("behind"), { signal });
    queued.abort(new Error("no longer wanted"));
    await expect(waiting).rejects.toThrow("no longer wanted");
    first.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    expect((await behind).warnings).toEqual(["behind"]);
  });

  test("a task whose signal has aborted never starts", async () => {
    const error = new Error("too late");
    await expect(newPool(1).run(pageTask("die"), { signal: AbortSignal.abort(error) })).rejects.toBe(error);
  });

  test("of footers that share a thread one is cancelled, the others are done", async () => {
    const { run } = newPool(1);
    const stop = new AbortController();
    const cancelled = run(footerTask("wait"), { signal: stop.signal });
    const other = run(footerTask("other"), { signal });
    expect((await other).warnings).toEqual(["wait", "other"]);
    stop.abort(new Error("enough"));
    await expect(cancelled).rejects.toThrow("enough");
  });
});

describe("closing", () => {
  test("rejects what runs, what waits and what comes later", async () => {
    const closing = newPool(1);
    const tasks = [pageTask("wait"), pageTask("waiting")].map((task) => closing.run(task, { signal }));
    const outcomes = Promise.allSettled(tasks);
    await closing.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { name: "CaptureThreadError" } });
    }
    await expect(closing.run(pageTask("late"), { signal })).rejects.toThrow(
      "the capture threads were stopped",
    );
  });

  test("leaves no listener on the signals of its tasks", async () => {
    const { run } = newPool(1);
    const controller = new AbortController();
    let listeners = 0;
    const counted = new Proxy(controller.signal, {
      get(target, key) {
        if (key === "addEventListener") listeners++;
        if (key === "removeEventListener") listeners--;
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    await run(footerTask("a"), { signal: counted });
    await expect(run(footerTask("fail"), { signal: counted })).rejects.toThrow("is torn");
    await expect(run(footerTask("die"), { signal: counted })).rejects.toThrow(CaptureThreadError);
    expect(listeners).toBe(0);
  });
});
