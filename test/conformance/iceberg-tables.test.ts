import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildFileStats } from "../../src/capture/file-stats.ts";
import { type CapturePolicy, SourceMissingError } from "../../src/model/index.ts";
import { readFooter } from "../../src/parquet/index.ts";
import { localStore } from "../../src/storage/index.ts";
import type { ObjectStore } from "../../src/storage/object-store.ts";
import { type IcebergSnapshot, openIceberg } from "../../src/table/iceberg/index.ts";
import { averageWidths, type TableFile } from "../../src/table/index.ts";

/** Tables that Trino and others wrote, with the figures of 04 §17. Their metadata names s3:// paths; the files lie beside it. */
const conformanceData = process.env.CONFORMANCE_DATA;
const root = conformanceData === undefined ? undefined : join(conformanceData, "tables", "iceberg");

const { signal } = new AbortController();

const POLICY: CapturePolicy = {
  columns: [],
  outputs: new Set(["file"]),
  defaultColumnScope: "first-n",
  maxDefaultColumns: 32,
  properties: {},
};

interface Fixture {
  readonly folder: string;
  readonly location: string;
  readonly metadata: string;
}

const FIXTURES = {
  simple: {
    folder: "simple",
    location: "s3://yb-iceberg-tpcds/trino_test",
    metadata: "00002-503f4508-3824-4cb6-bdf1-4bd6bf5a0ade.metadata.json",
  },
  complex: {
    folder: "complex",
    location: "s3://floecat/sales/us/trino_types",
    metadata: "00001-d751d7ce-209e-443e-9937-c25e2a08fc29.metadata.json",
  },
  catalogReturns: {
    folder: "tpcds_sfone",
    location: "s3://dev-testing-datasets-153499698604-us-east-1-an/floe_test.db/tpcds_sfone/catalog_returns",
    metadata: "00002-fb845f92-5b90-4bd1-8670-3cab11eb68b1.metadata.json",
  },
  callCenter: {
    folder: "yb-iceberg-tpcds/call_center-78092955d9dc452fbe14ab11d90a85ce",
    location: "s3://yb-iceberg-tpcds/call_center-78092955d9dc452fbe14ab11d90a85ce",
    metadata: "00002-de3da00d-3ebd-4f5c-a101-ad64a8d489d0.metadata.json",
  },
} satisfies Record<string, Fixture>;

/** Reads `location/…` from the fixture's folder. */
function fixtureStore(fixture: Fixture): ObjectStore {
  const local = localStore();
  const folder = join(root ?? "", fixture.folder);
  const toLocal = (path: string) => path.replace(fixture.location, folder);
  return {
    open: (path, options) => local.open(toLocal(path), options),
    async *list(prefix, options) {
      for await (const info of local.list(toLocal(prefix), options)) {
        yield { ...info, path: info.path.replace(folder, fixture.location) };
      }
    },
  };
}

async function snapshotOf(fixture: Fixture, snapshotId: bigint, policy = POLICY): Promise<IcebergSnapshot> {
  const snapshot = await openIceberg({
    store: fixtureStore(fixture),
    uri: fixture.location,
    properties: { "iceberg.source": "filesystem" },
    generation: "chunked",
    snapshotId,
    policy,
    signal,
  });
  if (snapshot === undefined) throw new Error(`no snapshot ${snapshotId}`);
  return snapshot;
}

/** The file's FILE record in chunked, with widths from its footer where the file is there. */
async function recordOf(fixture: Fixture, snapshot: IcebergSnapshot, file: TableFile | undefined) {
  if (file?.metrics.source !== "metadata") throw new Error("no metrics");
  const names = snapshot.columns.filter((c) => c.included).flatMap((c) => c.topLevelName ?? []);
  const widths = await footerWidths(fixture, file.path, names);
  return buildFileStats(file, file.metrics.metrics, snapshot.columns, { widths, ndv: new Map() }, "chunked");
}

async function footerWidths(fixture: Fixture, path: string, names: readonly string[]) {
  try {
    await using object = await fixtureStore(fixture).open(path, { signal });
    return averageWidths(await readFooter(object, { signal }), names);
  } catch (error) {
    if (error instanceof SourceMissingError) return new Map<string, bigint>();
    throw error;
  }
}

/** Columns of the file's FILE record: id → name and type, counts, bounds. */
async function columnsOf(snapshot: IcebergSnapshot, file: TableFile | undefined, fixture: Fixture) {
  const { columns } = await recordOf(fixture, snapshot, file);
  return Object.fromEntries(
    columns.map(({ columnId, scalar }) => [
      columnId,
      [
        `${scalar.displayName} ${scalar.logicalType}`,
        scalar.rowCount,
        scalar.nullCount,
        scalar.min,
        scalar.max,
      ],
    ]),
  );
}

/** Average widths by column id, of the columns that have one. */
async function widthsOf(snapshot: IcebergSnapshot, file: TableFile | undefined, fixture: Fixture) {
  const { columns } = await recordOf(fixture, snapshot, file);
  return Object.fromEntries(
    columns.flatMap(({ columnId, scalar }) =>
      scalar.avgWidthBytes === undefined ? [] : [[Number(columnId), Number(scalar.avgWidthBytes)]],
    ),
  );
}

describe.skipIf(root === undefined || !existsSync(root))("Iceberg tables of other writers (04 T58)", () => {
  it("04 §17.1: simple, a data file and a position delete", async () => {
    const data = `${FIXTURES.simple.location}/data/20251207_055210_00016_vxm8g-78323b22-ffd9-4e77-8dd5-b8655b22d95a.parquet`;
    const deletes = `${FIXTURES.simple.location}/data/20251207_055233_00017_vxm8g-062e659d-1a0f-474e-ac85-dc3babf401b7.parquet`;
    const snapshot = await snapshotOf(FIXTURES.simple, 7105637631842704244n);
    const files = await snapshot.files({ only: new Set([data, deletes]), signal });
    expect(files).toMatchObject([
      {
        path: data,
        format: "PARQUET",
        content: 1,
        sizeBytes: 203n,
        sequenceNumber: 2n,
        partitionDataJson: '{"partitionValues":[]}',
        partitionSpecId: 0,
        metrics: { metrics: { rowCount: 3n } },
      },
      {
        path: deletes,
        format: "",
        content: 2,
        sizeBytes: 874n,
        sequenceNumber: 3n,
        partitionDataJson: "",
        partitionSpecId: 0,
        metrics: { metrics: { rowCount: 1n, columns: new Map() } },
      },
    ]);
    expect(await columnsOf(snapshot, files[0], FIXTURES.simple)).toEqual({ 1: ["i INT", 3n, 0n, "1", "3"] });
    expect(await widthsOf(snapshot, files[0], FIXTURES.simple)).toEqual({ 1: 12 });
    const before = await snapshotOf(FIXTURES.simple, 4703731101105413415n);
    expect(await before.files({ signal })).toMatchObject([{ path: data }]);
    expect(await (await snapshotOf(FIXTURES.simple, 909135298008832391n)).files({ signal })).toEqual([]);
  });

  const COMPLEX = {
    1: ["c_bool BOOLEAN", 1n, 0n, "true", "true"],
    2: ["c_i32 INT", 1n, 0n, "42", "42"],
    3: ["c_i64 INT", 1n, 0n, "9223372036854775807", "9223372036854775807"],
    4: ["c_real FLOAT", 1n, 0n, "3.14", "3.14"],
    5: ["c_double DOUBLE", 1n, 0n, "2.718281828", "2.718281828"],
    6: ["c_dec DECIMAL(18,4)", 1n, 0n, "12345.6789", "12345.6789"],
    7: ["c_varchar STRING", 1n, 0n, "hello iceberg", "hello iceberg"],
    8: ["c_varbinary BINARY", 1n, 0n, "eyJmb28iOiAiYmFyIn0=", "eyJmb28iOiAiYmFyIn0="],
    9: ["c_date DATE", 1n, 0n, "2025-01-01", "2025-01-01"],
    10: ["c_time TIME", 1n, 0n, "12:34:56.123456", "12:34:56.123456"],
    11: ["c_ts TIMESTAMP", 1n, 0n, "2025-01-01T12:34:56.123456", "2025-01-01T12:34:56.123456"],
    12: ["c_tstz TIMESTAMPTZ", 1n, 0n, "2025-01-01T12:34:56.123456Z", "2025-01-01T12:34:56.123456Z"],
    13: ["c_arr ARRAY", 1n, undefined, undefined, undefined],
    14: ["c_map MAP", 1n, undefined, undefined, undefined],
    15: ["c_row STRUCT", 1n, undefined, undefined, undefined],
    16: ["c_json_text STRING", 1n, 0n, '{"foo": "bar", "', '{"foo": "bar", #'],
    17: ["c_json_bytes BINARY", 1n, 0n, "eyJmb28iOiAiYmFyIiwgIg==", "eyJmb28iOiAiYmFyIiwgIw=="],
    18: ["element INT", 3n, 0n, undefined, undefined],
    19: ["key STRING", 2n, 0n, undefined, undefined],
    20: ["value INT", 2n, 0n, undefined, undefined],
    21: ["a INT", 1n, 0n, "7", "7"],
    22: ["b STRING", 1n, 0n, "row-value", "row-value"],
  };

  it("04 §17.2: complex, every type", async () => {
    const snapshot = await snapshotOf(FIXTURES.complex, 3244181371591257627n);
    const [file, ...rest] = await snapshot.files({ signal });
    expect(rest).toEqual([]);
    expect(file).toMatchObject({
      sizeBytes: 3092n,
      sequenceNumber: 2n,
      metrics: { metrics: { rowCount: 1n } },
    });
    expect(await columnsOf(snapshot, file, FIXTURES.complex)).toEqual(COMPLEX);
    const widths = [24, 27, 31, 27, 31, 31, 40, 41, 27, 31, 31, 31, 42, 86, 65, 49, 49];
    expect(await widthsOf(snapshot, file, FIXTURES.complex)).toEqual(
      Object.fromEntries(widths.map((width, index) => [index + 1, width])),
    );
  });

  it("04 T46: complex with a selector has every column with metrics; EXPLICIT_ONLY has all", async () => {
    const one = { ...POLICY, columns: [{ selector: "c_i32", captureStats: true, captureIndex: false }] };
    const selected = await snapshotOf(FIXTURES.complex, 3244181371591257627n, one);
    const [file] = await selected.files({ signal });
    const { 13: _array, 14: _map, 15: _row, ...others } = COMPLEX;
    expect(await columnsOf(selected, file, FIXTURES.complex)).toEqual(others);
    expect(await widthsOf(selected, file, FIXTURES.complex)).toEqual({ 2: 27 });
    const explicit = { ...POLICY, defaultColumnScope: "explicit-only" as const };
    const all = await snapshotOf(FIXTURES.complex, 3244181371591257627n, explicit);
    const [again] = await all.files({ signal });
    expect(await columnsOf(all, again, FIXTURES.complex)).toEqual(COMPLEX);
    expect(Object.keys(await widthsOf(all, again, FIXTURES.complex))).toHaveLength(17);
  });

  it("04 §17.3: catalog_returns, a lower-case format, no value counts, empty decimal bounds", async () => {
    const snapshot = await snapshotOf(FIXTURES.catalogReturns, 6392214405710038444n);
    const [file, ...rest] = await snapshot.files({ signal });
    expect(rest).toEqual([]);
    expect(file).toMatchObject({ format: "PARQUET", sizeBytes: 7775872n, sequenceNumber: 1n });
    const columns = await columnsOf(snapshot, file, FIXTURES.catalogReturns);
    // The data file is not there: no width, and no failure.
    expect(await widthsOf(snapshot, file, FIXTURES.catalogReturns)).toEqual({});
    expect(Object.values<unknown[]>(columns).map(([, rows]) => rows)).toEqual(Array(27).fill(144067n));
    expect(columns).toMatchObject({
      1: ["cr_returned_date_sk INT", 144067n, 0n, "2450822", "2452907"],
      3: ["cr_item_sk INT", 144067n, 0n, "1", "18000"],
      19: ["cr_return_amount DECIMAL(7,2)", 144067n, 2876n, undefined, "24445.4"],
      20: ["cr_return_tax DECIMAL(7,2)", 144067n, 2847n, undefined, "2062.43"],
      22: ["cr_fee DECIMAL(7,2)", 144067n, 2873n, "0.5", "100"],
      26: ["cr_store_credit DECIMAL(7,2)", 144067n, 2846n, undefined, "16255.33"],
      27: ["cr_net_loss DECIMAL(7,2)", 144067n, 2902n, "1.01", "13213.89"],
    });
  });

  it("04 §17.4: call_center", async () => {
    const snapshot = await snapshotOf(FIXTURES.callCenter, 1536668137997190245n);
    const [file, ...rest] = await snapshot.files({ signal });
    expect(rest).toEqual([]);
    expect(file).toMatchObject({
      sizeBytes: 10840n,
      sequenceNumber: 2n,
      metrics: { metrics: { rowCount: 42n } },
    });
    const columns = await columnsOf(snapshot, file, FIXTURES.callCenter);
    expect(await widthsOf(snapshot, file, FIXTURES.callCenter)).toMatchObject({
      1: 5,
      2: 12,
      3: 2,
      4: 2,
      5: 1,
      7: 11,
      10: 8,
      30: 2,
      31: 3,
    });
    expect(Object.keys(columns)).toHaveLength(31);
    expect(columns).toMatchObject({
      1: ["cc_call_center_sk INT", 42n, 0n, "1", "42"],
      2: ["cc_call_center_id STRING", 42n, 0n, "AAAAAAAAABAAAAAA", "AAAAAAAAPBAAAAAA"],
      3: ["cc_rec_start_date DATE", 42n, 0n, "1998-01-01", "2002-01-01"],
      4: ["cc_rec_end_date DATE", 42n, 21n, "2000-01-01", "2001-12-31"],
      5: ["cc_closed_date_sk INT", 42n, 42n, undefined, undefined],
      7: ["cc_name STRING", 42n, 0n, "California", "Pacific Northwet"],
      10: ["cc_sq_ft INT", 42n, 0n, "-1890660328", "2122480316"],
      30: ["cc_gmt_offset DECIMAL(5,2)", 42n, 0n, "-8", "-5"],
      31: ["cc_tax_percentage DECIMAL(5,2)", 42n, 0n, "0", "0.12"],
    });
  });

  it("04 T67, §17.4: call_center has a Puffin sketch for each of its 31 columns", async () => {
    const snapshot = await snapshotOf(FIXTURES.callCenter, 1536668137997190245n);
    const ndv = await snapshot.ndvFromMetadata({ thetaK: 4096, signal });
    expect(ndv?.size).toBe(31);
    const estimates = [1n, 2n, 3n, 4n, 5n, 7n, 10n, 30n, 31n].map((id) => ndv?.get(id)?.estimate);
    expect(estimates).toEqual([42, 21, 4, 3, 0, 21, 31, 4, 12]);
    expect(ndv?.get(1n)?.properties).toEqual({ ndv: "42" });
  });

  it("04 §12.1: complex lacks blobs for its containers, so that its files are scanned", async () => {
    const snapshot = await snapshotOf(FIXTURES.complex, 3244181371591257627n);
    expect(await snapshot.ndvFromMetadata({ thetaK: 4096, signal })).toBeUndefined();
  });
});
