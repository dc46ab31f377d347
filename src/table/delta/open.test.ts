import { describe, expect, it } from "vitest";
import {
  addAction,
  commitName,
  field,
  firstCommit,
  jsonLines,
  metadataAction,
  protocolAction,
  removeAction,
  schemaOf,
} from "../../../test/support/delta-log.ts";
import { memoryStore } from "../../../test/support/memory-store.ts";
import { type CapturePolicy, SourceMissingError, TableError } from "../../model/index.ts";
import { type DeltaOptions, openDelta } from "./open.ts";

const signal = new AbortController().signal;
const policy: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "all",
  maxDefaultColumns: 32,
  properties: {},
};

function open(
  log: Readonly<Record<string, string>>,
  version: bigint | "latest",
  more: Partial<DeltaOptions> = {},
) {
  const objects = Object.fromEntries(
    Object.entries(log).map(([name, content]) => [`s3://b/t/_delta_log/${name}`, content]),
  );
  const store = memoryStore(objects);
  return openDelta({
    root: "s3://b/t",
    version,
    store,
    policy,
    generation: "chunked",
    fullRescan: false,
    signal,
    ...more,
  });
}

async function paths(
  log: Readonly<Record<string, string>>,
  version: bigint | "latest",
  only?: readonly string[],
  more?: Partial<DeltaOptions>,
): Promise<string[]> {
  const snapshot = await open(log, version, more);
  const files = await snapshot.files(only === undefined ? { signal } : { only: new Set(only), signal });
  return files.map((file) => file.path.replace("s3://b/t/", ""));
}

describe("05 §4.4: which files are active, in which order", () => {
  const log = {
    [commitName(0)]: firstCommit(addAction("a"), addAction("b")),
    [commitName(1)]: jsonLines(removeAction("a"), addAction("c"), addAction("b")),
    [commitName(2)]: jsonLines(addAction("d%2fx")),
    [commitName(3)]: jsonLines(removeAction("d%2Fx"), addAction("a")),
  };

  it("05 T2 replays commits newest to oldest", async () => {
    expect(await paths(log, 0n)).toEqual(["a", "b"]);
    expect(await paths(log, 1n)).toEqual(["c", "b"]);
    expect(await paths(log, 2n)).toEqual(["d/x", "c", "b"]);
    expect(await paths(log, 3n)).toEqual(["a", "c", "b"]);
    expect(await paths(log, "latest")).toEqual(["a", "c", "b"]);
  });

  it("sees the removes of 1024 lines before the adds of the same lines", async () => {
    const filler = Array.from({ length: 1023 }, (_, i) => ({ txn: { appId: String(i), version: 1 } }));
    const together = jsonLines(addAction("x"), ...filler.slice(1), removeAction("x"));
    const apart = jsonLines(addAction("x"), ...filler, removeAction("x"));
    expect(await paths({ [commitName(0)]: firstCommit(), [commitName(1)]: together }, 1n)).toEqual([]);
    expect(await paths({ [commitName(0)]: firstCommit(), [commitName(1)]: apart }, 1n)).toEqual(["x"]);
  });

  it("tells apart a path with and without a deletion vector", async () => {
    const deletionVector = {
      storageType: "u",
      pathOrInlineDv: "ab",
      offset: 1,
      sizeInBytes: 3,
      cardinality: 2,
    };
    const update = jsonLines(addAction("a", { deletionVector }), removeAction("a"));
    const more = { generation: "inline" as const };
    expect(
      await paths(
        { [commitName(0)]: firstCommit(addAction("a")), [commitName(1)]: update },
        1n,
        undefined,
        more,
      ),
    ).toEqual(["a"]);
  });

  it("05 T5 reads a compaction in place of the commits that it covers", async () => {
    const compaction = "00000000000000000001.00000000000000000002.compacted.json";
    const compacted = { ...log, [compaction]: jsonLines(addAction("from-compaction"), removeAction("a")) };
    expect(await paths(compacted, 2n)).toEqual(["from-compaction", "b"]);
    expect(await paths(compacted, 1n)).toEqual(["c", "b"]);
    expect(await paths(compacted, 3n)).toEqual(["a", "from-compaction", "b"]);
  });

  it("05 T7 leaves out a planned path that the snapshot lacks, without error", async () => {
    expect(await paths(log, 3n, ["s3://b/t/c", "s3://b/t/none"])).toEqual(["c"]);
    expect(await paths(log, 3n, [])).toEqual([]);
  });
});

describe("05 §4.1: the log segment", () => {
  const commits = (...versions: number[]) =>
    Object.fromEntries(
      versions.map((version) => [commitName(version), firstCommit(addAction(`f${version}`))]),
    );

  it("05 T3 wants contiguous commits up to the version", async () => {
    const log = commits(0, 1, 3);
    expect(await paths(log, 1n)).toEqual(["f1", "f0"]);
    await expect(open(log, 2n)).rejects.toThrow(
      new SourceMissingError(
        "s3://b/t: Cannot load table version 2 as it does not exist. The latest available version is 1.",
      ),
    );
    await expect(open(log, 3n)).rejects.toThrow(
      "Invalid table found at s3://b/t: Missing delta files: versions are not contiguous: ([0, 1, 3])",
    );
  });

  it("05 T4 wants the commits from 0, or from the checkpoint on, and the checkpoint's own", async () => {
    await expect(open(commits(5), 5n)).rejects.toThrow(
      "Invalid table found at s3://b/t: Cannot compute snapshot. Missing delta file version 0.",
    );
    const checkpoint = { "00000000000000000002.checkpoint.parquet": "x" };
    await expect(open({ ...commits(3), ...checkpoint }, 3n)).rejects.toThrow(
      "Invalid table found at s3://b/t: Missing delta file for version 2",
    );
    await expect(open({ ...commits(2, 4), ...checkpoint }, 4n)).rejects.toThrow(
      "Invalid table found at s3://b/t: Cannot compute snapshot. Missing delta file version 3.",
    );
  });

  it("says that there is no table, or that its beginning has been cleaned away", async () => {
    const notFound =
      "Delta table at path `s3://b/t` is not found. " +
      "Context: No delta files found in the directory: s3://b/t/_delta_log";
    await expect(open({ "readme.txt": "" }, 0n)).rejects.toThrow(new SourceMissingError(notFound));
    await expect(open({}, "latest")).rejects.toThrow(notFound);
    const checkpoint = { "00000000000000000007.checkpoint.parquet": "x" };
    await expect(open({ ...commits(6, 7, 8), ...checkpoint }, 3n)).rejects.toThrow(
      "s3://b/t: Cannot load table version 3 as the transaction log has been truncated due to manual deletion or the " +
        "log/checkpoint retention policy. The earliest available version is 7.",
    );
    await expect(open(commits(6, 7), 3n)).rejects.toThrow(
      "No recreatable commits found at s3://b/t/_delta_log",
    );
  });

  it("ignores zero-byte checkpoints, incomplete ones, staged commits and unknown files", async () => {
    const log = {
      ...commits(0, 1),
      "00000000000000000001.checkpoint.parquet": "",
      "00000000000000000001.checkpoint.0000000001.0000000002.parquet": "x",
      "00000000000000000002.a-b-c.json": "x",
      "00000000000000000001.json.tmp": "x",
    };
    expect(await paths(log, 1n)).toEqual(["f1", "f0"]);
  });

  it("looks for the checkpoint from the version backwards, not from the beginning of the log", async () => {
    const versions = Array.from({ length: 2500 }, (_, i) => commitName(i));
    const objects = Object.fromEntries(versions.map((name) => [`s3://b/t/_delta_log/${name}`, "{}"]));
    objects["s3://b/t/_delta_log/00000000000000001400.checkpoint.parquet"] = "x";
    const store = memoryStore(objects);
    await expect(open({}, 2499n, { store })).rejects.toThrow(
      /00000000000000001400\.checkpoint.*is not a Parquet file/,
    );
    expect(store.listed).toEqual([
      "s3://b/t/_delta_log/00000000000000001499.",
      "s3://b/t/_delta_log/00000000000000000498.",
    ]);
  });
});

describe("05 §4.2: protocol and metadata", () => {
  const withProtocol = (protocol: object) => ({
    [commitName(0)]: jsonLines(protocol, metadataAction(schemaOf(field("id", "long")))),
  });

  it("05 T6 refuses an unknown reader feature, a newer reader version, and a table without protocol or metadata", async () => {
    await expect(open(withProtocol(protocolAction(3, ["deletionVectors", "fooBar"])), 0n)).rejects.toThrow(
      'Unsupported Delta table feature: table requires feature "fooBar" which is unsupported by this version of Delta Kernel.',
    );
    await expect(open(withProtocol(protocolAction(4)), 0n)).rejects.toThrow(
      "Unsupported Delta protocol reader version: table `s3://b/t` requires reader version 4 which is unsupported by this version of Delta Kernel.",
    );
    await expect(open({ [commitName(0)]: jsonLines(addAction("a")) }, 0n)).rejects.toThrow(
      "No protocol found at version 0",
    );
    await expect(open({ [commitName(0)]: jsonLines(protocolAction()) }, 0n)).rejects.toThrow(
      "No metadata found at version 0",
    );
  });

  it("reads every feature of the list, in any case", async () => {
    const features = [
      "COLUMNMAPPING",
      "deletionvectors",
      "timestampNtz",
      "typeWidening",
      "v2Checkpoint",
      "variantType",
    ];
    await open(withProtocol(protocolAction(3, features)), 0n);
  });

  it("takes the newest protocol and metadata", async () => {
    const log = {
      [commitName(0)]: firstCommit(),
      [commitName(1)]: jsonLines(metadataAction(schemaOf(field("a", "string"), field("b", "date")))),
    };
    const names = async (version: bigint) =>
      (await open(log, version)).columns.map((column) => column.displayName);
    expect(await names(0n)).toEqual(["id"]);
    expect(await names(1n)).toEqual(["a", "b"]);
  });
});

describe("05 §10: deletion vectors", () => {
  const vector = (pathOrInlineDv: string, storageType = "u", offset = 1) => ({
    deletionVector: { storageType, pathOrInlineDv, offset, sizeInBytes: 35, cardinality: 14 },
  });
  const log = {
    [commitName(0)]: firstCommit(
      addAction("a", vector("G*8>@")),
      addAction("b", vector("G*8>@", "u", 40)),
      addAction("c", vector("inline", "i")),
    ),
  };
  const planned = ["s3://b/t/a", "s3://b/t/b"];

  it("05 T28, T30 gives one record a text after the data files in an incremental chunked capture", async () => {
    const files = await (await open(log, 0n)).files({ only: new Set(planned), signal });
    expect(files.map((file) => [file.path, file.content, file.readable])).toEqual([
      ["s3://b/t/a", 1, true],
      ["s3://b/t/b", 1, true],
      ["G*8>@", 2, false],
    ]);
    expect(files[2]).toMatchObject({
      format: "",
      sizeBytes: 35n,
      partitionDataJson: "",
      metrics: { source: "metadata", metrics: { rowCount: 14n } },
    });
  });

  it("decision 17: gives none in inline and none on a full rescan", async () => {
    expect(await paths(log, 0n, planned, { generation: "inline" })).toEqual(["a", "b"]);
    expect(await paths(log, 0n, planned, { fullRescan: true })).toEqual(["a", "b"]);
  });

  it("05 T29 fails on an inline vector of a planned file, not on one of another file", async () => {
    await expect(paths(log, 0n, ["s3://b/t/c"])).rejects.toThrow(
      new TableError("Delta table uses inline deletion vectors; not supported for snapshot 0", {
        referenceType: "UnsupportedOperationException",
      }),
    );
    expect(await paths(log, 0n, ["s3://b/t/a"])).toEqual(["a", "G*8>@"]);
  });
});

describe("a file of a Delta table", () => {
  it("05 §9 carries the size of the log and the partition values in the order of the action", async () => {
    const add = addAction("a", { size: 77, partitionValues: { region: "us-east", dt: "2026-02-01" } });
    const [file] = await (await open({ [commitName(0)]: firstCommit(add) }, 0n)).files({ signal });
    expect(file).toMatchObject({
      format: "PARQUET",
      content: 1,
      sizeBytes: 77n,
      partitionSpecId: 0,
      sequenceNumber: undefined,
      partitionDataJson:
        '{"partitionValues":[{"id":"region","value":"us-east"},{"id":"dt","value":"2026-02-01"}]}',
    });
  });

  it("05 §4.4 keeps the order of integer-like keys and the text of scalars that are no strings", async () => {
    const line = JSON.stringify(addAction("a")).replace('"partitionValues":{}', (text) =>
      text.replace("{}", '{"b":1.50,"2020":5,"1":true,"n":null,"e":1e3}'),
    );
    const [file] = await (await open({ [commitName(0)]: `${firstCommit()}${line}\n` }, 0n)).files({ signal });
    expect(file?.partitionDataJson).toBe(
      '{"partitionValues":[{"id":"b","value":1.5},{"id":"2020","value":5},{"id":"1","value":true},' +
        '{"id":"n","value":null},{"id":"e","value":1000.0}]}',
    );
  });

  it("05 §4.4 names the required field that an add lacks, and the line", async () => {
    const log = { [commitName(0)]: firstCommit({ add: { path: "a", partitionValues: {} } }) };
    await expect(open(log, 0n)).rejects.toThrow(
      `${commitName(0)}, line 3, add: Root node at key size is null but field isn't nullable. ` +
        'Root node: {"path":"a","partitionValues":{}}',
    );
    await expect(open({ [commitName(0)]: '{"add":' }, 0n)).rejects.toThrow(/line 1: is not JSON/);
  });
});

describe("hostile JSON in a commit", () => {
  const nested = (open: string, close: string) => `${open.repeat(50_000)}1${close.repeat(50_000)}`;

  it.each([
    ["a number of the protocol", `{"protocol":{"minReaderVersion":${nested("[", "]")}}}`, "an array"],
    ["a required field's object", `{"add":{"x":${nested('{"a":', "}")}}}`, "an object"],
  ])("%s is shown without following its nesting", async (_what, line, shown) => {
    await expect(open({ [commitName(0)]: `${line}\n` }, 0n)).rejects.toThrow(TableError);
    await expect(open({ [commitName(0)]: `${line}\n` }, 0n)).rejects.toThrow(shown);
  });

  it("partition values beside JSON nested too deeply are an error that names the line", async () => {
    const add = `{"add":{"path":"x","size":1,"partitionValues":{"1":"a","0":"b"},"tags":${nested("[", "]")}}}`;
    await expect(open({ [commitName(0)]: firstCommit() + add }, 0n)).rejects.toThrow(
      /_delta_log\/0{20}\.json, line 3, add: JSON nested more than 100 deep/,
    );
  });
});
