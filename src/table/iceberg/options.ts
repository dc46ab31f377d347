import { type Generation, TableError } from "../../model/index.ts";
import { isJavaBlank, javaNumberSyntax, javaTrim } from "../../types/index.ts";

/** Source selection and options of an Iceberg connector (04 §3.1, §3.2), and the NDV options (07 §6.1). */
export type IcebergSource = "glue" | "rest" | "filesystem";

export type ConnectorOptions = Readonly<Record<string, string>>;

const FILESYSTEM_SCHEMES: ReadonlySet<string> = new Set([
  "none",
  "aws",
  "aws-assume-role",
  "aws-web-identity",
  "aws-sigv4",
]);
const CATALOG_SCHEMES: ReadonlySet<string> = new Set(["aws-sigv4", "oauth2", "none"]);

/** `iceberg.source`; an absent or blank one is `glue`. */
export function icebergSource(properties: ConnectorOptions): IcebergSource {
  const raw = properties["iceberg.source"] ?? "";
  const source = javaTrim(raw).toLowerCase();
  if (isJavaBlank(source)) return "glue";
  if (source === "glue" || source === "rest" || source === "filesystem") return source;
  throw illegalArgument(`Unsupported iceberg.source: ${raw}`);
}

export interface ConnectorCheck {
  readonly uri: string;
  readonly properties: ConnectorOptions;
  readonly authScheme: string;
  readonly authProperties: ConnectorOptions;
}

/** The checks of 04 §3.1 in their order. An empty scheme is taken as `none`, which the contract lets us improve. */
export function checkConnector(connector: ConnectorCheck): IcebergSource {
  const source = icebergSource(connector.properties);
  const scheme = javaTrim(connector.authScheme).toLowerCase() || "none";
  if (source === "filesystem") {
    if (isJavaBlank(connector.uri)) throw illegalArgument("uri is required for iceberg.source=filesystem");
    const onS3 = javaTrim(connector.uri).toLowerCase().startsWith("s3://");
    if (onS3 && !FILESYSTEM_SCHEMES.has(scheme)) {
      throw illegalArgument(`Unsupported filesystem storage auth scheme for S3 URI: ${scheme}`);
    }
    return source;
  }
  if (!CATALOG_SCHEMES.has(scheme)) throw illegalArgument(`Unsupported auth scheme: ${scheme}`);
  if (scheme === "oauth2" && connector.authProperties.token === undefined) {
    throw new TableError("authProps.token required for oauth2", { referenceType: "NullPointerException" });
  }
  return source;
}

/** When and how distinct values are counted (07 §6.1). Sampling is off where `sampleFraction` is 1 and `maxFiles` is 0. */
export interface IcebergNdvOptions {
  readonly enabled: boolean;
  readonly sampleFraction: number;
  /** 0: no limit. */
  readonly maxFiles: number;
  /** Nominal entries of a sketch, a power of two. */
  readonly thetaK: number;
}

const DEFAULT_THETA_K = 4096;
/** Beyond it the reference's every sketch fails, so that there is no NDV. */
const MAX_THETA_K = 67_108_864;
const MAX_INT32 = 2 ** 31 - 1;

/** inline files carry no NDV at all (04 §12). */
export function icebergNdvOptions(
  properties: ConnectorOptions,
  source: IcebergSource,
  generation: Generation,
): IcebergNdvOptions {
  const thetaK =
    generation === "chunked" && source === "filesystem"
      ? nominalEntries(properties["stats.ndv.theta_k"])
      : DEFAULT_THETA_K;
  return {
    enabled: generation === "chunked" && ndvEnabled(properties["stats.ndv.enabled"]) && thetaK <= MAX_THETA_K,
    sampleFraction: sampleFraction(properties["stats.ndv.sample_fraction"]),
    maxFiles: Math.max(0, int32(properties["stats.ndv.max_files"]) ?? 0),
    thetaK,
  };
}

/** QUIRK (must match): anything but `false`, untrimmed, enables, the empty text too. Absent is off. */
function ndvEnabled(value: string | undefined): boolean {
  return value !== undefined && value.toLowerCase() !== "false";
}

/** 1 where the option is absent, no number, or out of (0, 1]: 0 and below mean "no sampling", the same as 1. */
function sampleFraction(value: string | undefined): number {
  if (value === undefined || !javaNumberSyntax(value)) return 1;
  const fraction = Number.parseFloat(javaTrim(value));
  return fraction > 0 && fraction < 1 ? fraction : 1;
}

function nominalEntries(value: string | undefined): number {
  const k = int32(value);
  if (k === undefined || k < 16) return DEFAULT_THETA_K;
  return 2 ** Math.ceil(Math.log2(k));
}

/** `Integer.parseInt`: untrimmed decimal digits with an optional sign. */
function int32(value: string | undefined): number | undefined {
  if (value === undefined || !/^[+-]?\d+$/.test(value)) return undefined;
  const number = Number(value);
  return number >= -MAX_INT32 - 1 && number <= MAX_INT32 ? number : undefined;
}

/** What a plan takes, and what is scanned for NDV, whatever the manifest calls its format (04 §6, §12.3). */
export function hasParquetSuffix(path: string): boolean {
  const lower = path.toLowerCase();
  return lower.endsWith(".parquet") || lower.endsWith(".parq");
}

function illegalArgument(message: string): TableError {
  return new TableError(message, { referenceType: "IllegalArgumentException" });
}
