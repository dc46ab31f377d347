import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addAction, commitName, firstCommit } from "../../test/support/delta-log.ts";
import { aFileResult, type FakePool, fakePool } from "../../test/support/fake-pool.ts";
import { aFileGroup } from "../../test/support/file-groups.ts";
import {
  type CaptureOutput,
  type FileGroup,
  type Generation,
  SourceMissingError,
  systemClock,
  TableError,
} from "../model/index.ts";
import type { ObjectEnd } from "../storage/index.ts";
import { captureGroup, type GroupRecords } from "./capture-group.ts";
import { makeSidecar } from "./sidecar.ts";
import type { FileTask } from "./task.ts";

/** A leased group of a Delta table whose files are the fake pool's business (03 §9). */

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "capture-group-"));
  await mkdir(join(root, "_delta_log"));
  const adds = ["a", "b", "c"].map((name) => addAction(`${name}.parquet`, { size: 100 }));
  await writeFile(join(root, "_delta_log", commitName(0)), firstCommit(...adds));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const pathOf = (name: string) => `file://${root}/${name}.parquet`;
const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1, -".parquet".length);

type Change = Parameters<typeof aFileGroup>[0];

function group(names: readonly string[], change: Change = {}): FileGroup {
  const base = aFileGroup({ snapshotId: 0n, ...change });
  return {
    ...base,
    filePaths: names.map(pathOf),
    connector: {
      ...base.connector,
      properties: { "delta.source": "filesystem", "delta.table-root": `file://${root}` },
    },
  };
}

interface Watched {
  readonly ends?: ReadonlyMap<string, ObjectEnd>;
  readonly signal?: AbortSignal;
  readonly onFile?: (done: { readonly filesCaptured: number; readonly statsProcessed: number }) => void;
  readonly onWarning?: (message: string) => void;
}

function capture(leased: FileGroup, pool: FakePool, watched: Watched = {}): Promise<GroupRecords> {
  return captureGroup(leased, {
    pool,
    clock: systemClock,
    store: { local: { kind: "anywhere" } },
    ends: watched.ends,
    crc: "error",
    signal: watched.signal ?? new AbortController().signal,
    onFile: watched.onFile ?? (() => {}),
    onWarning: watched.onWarning ?? (() => {}),
  });
}

const kinds = ({ statsRecords }: GroupRecords) => statsRecords.map(({ value }) => value.kind);

/** Answers in the reverse of the order asked. */
function reversed(count: number) {
  const waiting: (() => void)[] = [];
  return (_task: FileTask) =>
    new Promise<ReturnType<typeof aFileResult>>((resolve) => {
      waiting.unshift(() => resolve(aFileResult()));
      if (waiting.length === count) for (const answer of waiting) answer();
    });
}

test("a file's end that was read ahead goes to the thread that captures it", async () => {
  const end = { size: 100, etag: "e", bytes: new Uint8Array(100) };
  const pool = fakePool(() => aFileResult());
  const leased = group(["a", "b"], { generation: "chunked", outputs: ["file"] });
  await capture(leased, pool, { ends: new Map([[pathOf("b"), end]]) });
  expect(pool.tasks.map(({ path, known }) => [nameOf(path), known])).toEqual([
    ["a", undefined],
    ["b", end],
  ]);
});

describe("the records of a group", () => {
  test("07 §9: chunked has TABLE and COLUMN partials in front of the FILE records", async () => {
    const leased = group(["a", "b"], { outputs: ["table", "file", "column"] });
    const records = await capture(
      leased,
      fakePool(() => aFileResult()),
    );
    expect(kinds(records)).toEqual(["table", "scalar", "file", "file"]);
    expect(records.statsRecords[0]?.value).toMatchObject({
      table: { rowCount: 20n, dataFileCount: 2n, totalSizeBytes: 200n },
    });
  });

  test("03 M1, M2 (decision 8): FILE records are made whatever statistics are asked for, in chunked with the partial of that kind", async () => {
    const made = async (generation: Generation, output: CaptureOutput) => {
      const leased = group(["a", "b"], { generation, outputs: [output] });
      const records = await capture(
        leased,
        fakePool(() => aFileResult()),
      );
      return kinds(records);
    };
    expect(await made("inline", "table")).toEqual(["file", "file"]);
    expect(await made("inline", "column")).toEqual(["file", "file"]);
    expect(await made("chunked", "table")).toEqual(["table", "file", "file"]);
    expect(await made("chunked", "column")).toEqual(["scalar", "file", "file"]);
  });

  test("03 §3: inline has FILE records alone, whatever statistics are asked for", async () => {
    const leased = group(["a", "b"], { generation: "inline", outputs: ["table", "column"] });
    expect(
      kinds(
        await capture(
          leased,
          fakePool(() => aFileResult()),
        ),
      ),
    ).toEqual(["file", "file"]);
  });

  test("05 §1: planned files that the snapshot lacks are left out without error; other files aren't read", async () => {
    const pool = fakePool(() => aFileResult());
    await capture(group(["b", "gone"]), pool);
    expect(pool.tasks.map(({ path }) => path)).toEqual([pathOf("b")]);
  });

  test("06 §1: of a planned file that the snapshot lacks the page index is made all the same, without a record", async () => {
    const sidecar = makeSidecar([], "x");
    const leased = group(["gone", "a"], { outputs: ["file", "page-index"] });
    const records = await capture(
      leased,
      fakePool(() => aFileResult({ sidecar })),
    );
    expect(records.statsRecords.map(({ target }) => target)).toEqual([
      { kind: "file", filePath: pathOf("a") },
    ]);
    expect(records.artifacts.map(({ record }) => record.filePath)).toEqual([pathOf("gone"), pathOf("a")]);
  });

  test("come in the snapshot's order, whatever order the files end in", async () => {
    const names = ["a", "b", "c"];
    const inOrder = await capture(
      group(names),
      fakePool(() => aFileResult()),
    );
    const other = await capture(group(names), fakePool(reversed(3), 3));
    expect(other.statsRecords.map(({ target }) => target)).toEqual(
      inOrder.statsRecords.map(({ target }) => target),
    );
    expect(other.statsRecords).toHaveLength(3);
  });
});

describe("a file that fails", () => {
  const failing = (name: string, error: Error) =>
    fakePool(async (task, { signal }) => {
      if (nameOf(task.path) === name) throw error;
      await new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
      return aFileResult();
    });

  test("03 §9: fails the group, and the others are stopped", async () => {
    const [first = ""] = (
      await capture(
        group(["a", "b", "c"]),
        fakePool(() => aFileResult()),
      )
    ).statsRecords.map(({ target }) => (target.kind === "file" ? nameOf(target.filePath) : ""));
    const pool = failing(first, new TableError("torn"));
    await expect(capture(group(["a", "b", "c"]), pool)).rejects.toThrow(TableError);
    expect(pool.tasks.length).toBeGreaterThan(1);
  });

  test("05 §13: that is gone is an ordinary failure of the group, with the reference's texts around it", async () => {
    const gone = new SourceMissingError("it does not exist");
    const error = await capture(group(["a"]), failing("a", gone)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TableError);
    expect(error).toMatchObject({
      message: "Delta stats compute failed (version 0)",
      cause: { message: "Delta planning failed (version 0)", cause: gone },
    });
  });

  test("06 §9: fails a group that asks for the page index alone in other words", async () => {
    const error = new TableError("torn");
    const leased = group(["gone"], { outputs: ["page-index"] });
    await expect(capture(leased, failing("gone", error))).rejects.toMatchObject({
      message: `Failed to read parquet page indexes for ${pathOf("gone")}`,
      cause: error,
    });
  });
});

test("03 §7.3: progress counts files and records as they are done, warnings are passed on", async () => {
  const seen: string[] = [];
  await capture(
    group(["a", "b"]),
    fakePool(() => aFileResult({ warnings: ["odd"] })),
    {
      onFile: ({ filesCaptured, statsProcessed }) => seen.push(`${filesCaptured} ${statsProcessed}`),
      onWarning: (message) => seen.push(message),
    },
  );
  expect(seen).toEqual(["odd", "1 1", "odd", "2 2"]);
});

test("decision 28: a cancelled group rejects with the signal's reason", async () => {
  const stop = new AbortController();
  const lost = new Error("the lease was lost");
  const pool = fakePool(async (_task, { signal }) => {
    stop.abort(lost);
    signal.throwIfAborted();
    return aFileResult();
  });
  await expect(capture(group(["a", "b"]), pool, { signal: stop.signal })).rejects.toBe(lost);
});
