import { expect, it } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { ProgressLine, progressText } from "./progress.ts";

const state = {
  filesDone: 1,
  filesTotal: 4,
  bytesDone: 512,
  bytesTotal: 2048,
  current: "file:///t/a.parquet",
};
const signal = new AbortController().signal;

function line(isTTY: boolean) {
  const written: string[] = [];
  const clock = new FakeClock();
  const output = { isTTY, columns: 120, write: (text: string) => void written.push(text) };
  const progress = new ProgressLine(output, clock);
  const wait = async (ms: number) => {
    const slept = clock.sleep(ms, signal);
    await clock.advance(ms);
    await slept;
  };
  return { written, progress, wait };
}

it("progress: nothing in the first second, then at most ten times a second, then the line is removed", async () => {
  const { written, progress, wait } = line(true);
  progress.update(state);
  await wait(999);
  progress.update(state);
  progress.clear();
  expect(written).toEqual([]);
  await wait(1);
  progress.update(state);
  await wait(99);
  progress.update(state);
  await wait(1);
  progress.update(state);
  progress.clear();
  progress.clear();
  expect(written).toHaveLength(3);
  expect(written[0]).toContain(
    " 25 %  1/4 files  512 B of 2.0 KiB  512 B/s  3.0 s left  file:///t/a.parquet",
  );
  expect(written.at(-1)).toBe("\r\u001b[2K");
});

it("progress: never off a terminal", async () => {
  const { written, progress, wait } = line(false);
  await wait(5000);
  progress.update(state);
  progress.clear();
  expect(written).toEqual([]);
});

it("progress: fits the terminal, and shows control characters of a name instead of sending them", () => {
  for (const columns of [10, 40, 80, 200]) {
    expect(progressText(state, 2000, columns).length).toBeLessThan(columns);
  }
  const text = progressText({ ...state, current: "file:///\u001b[2Jx.parquet" }, 2000, 200);
  expect(text).toContain("file:///\\x1b[2Jx.parquet");
});

it("progress: how much there is in all is left out while it isn't known", () => {
  const open = { ...state, filesTotal: undefined, bytesTotal: undefined };
  expect(progressText(open, 2000, 120)).toBe("1 files  512 B  256 B/s  file:///t/a.parquet");
});
