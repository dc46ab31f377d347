/**
 * By which options the files of a catalog's table are read, in layers (08 §4.3): connector and storage authority, the
 * catalog's `config` call, the table's `config`, and over them, for paths below a prefix, its `storage-credentials`.
 */
import { TableError } from "../../../model/index.ts";
import type { S3CredentialSource, S3Keys } from "../../../storage/index.ts";
import type { ConnectorOptions } from "../options.ts";
import { filled } from "./properties.ts";

export interface OptionLayer {
  /** `""`: every path that no other prefix is nearer to. */
  readonly prefix: string;
  readonly options: ConnectorOptions;
  /** Renews the keys among the options: the catalog gave them, and they end. */
  readonly source?: S3CredentialSource | undefined;
}

const ACCESS_KEY = "s3.access-key-id";
const SECRET_KEY = "s3.secret-access-key";
const SESSION_TOKEN = "s3.session-token";
const EXPIRES_AT = "s3.session-token-expires-at-ms";

/** One layer over another. Keys of one identity don't mix with those of the layer below. */
export function overlay(below: ConnectorOptions, above: ConnectorOptions): ConnectorOptions {
  if (filled(above[ACCESS_KEY]) === undefined) return { ...below, ...above };
  const { [ACCESS_KEY]: _access, [SECRET_KEY]: _secret, [SESSION_TOKEN]: _token, ...rest } = below;
  const { [EXPIRES_AT]: _end, ...kept } = rest;
  return { ...kept, ...above };
}

/** Keys as a catalog gives them, with their end where it says one. */
export interface CatalogKeys extends S3Keys {
  readonly expiresAtMs: number | undefined;
}

export function catalogKeys(options: ConnectorOptions): CatalogKeys | undefined {
  const accessKeyId = filled(options[ACCESS_KEY]);
  const secretAccessKey = filled(options[SECRET_KEY]);
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  const end = filled(options[EXPIRES_AT]);
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: filled(options[SESSION_TOKEN]),
    expiresAtMs: end !== undefined && /^\d{1,15}$/.test(end) ? Number(end) : undefined,
  };
}

/** Where new keys of a layer come from: its own endpoint, or loading the table again. */
export type RenewalOf = (layer: OptionLayer, endpoint: string | undefined) => S3CredentialSource;

export interface LayerInput {
  /** What the connector, the authority and the `config` call say. */
  readonly below: ConnectorOptions;
  /** The table's `config`. */
  readonly config: ConnectorOptions;
  /** The table's `storage-credentials`. */
  readonly credentials: readonly OptionLayer[];
  readonly renewalOf: RenewalOf;
}

/** Base layer first. Prefixes of other stores than S3 are left out. */
export function accessLayers({ below, config, credentials, renewalOf }: LayerInput): OptionLayer[] {
  const base: OptionLayer = { prefix: "", options: overlay(below, config) };
  const vended = credentials
    .filter(({ prefix }) => prefix.startsWith("s3"))
    .map(({ prefix, options }) => ({
      layer: { prefix, options: overlay(base.options, options) },
      own: options,
    }));
  return [{ layer: base, own: config }, ...vended].map(({ layer, own }) => withSource(layer, own, renewalOf));
}

function withSource(layer: OptionLayer, own: ConnectorOptions, renewalOf: RenewalOf): OptionLayer {
  const { options } = layer;
  const enabled = filled(options["client.refresh-credentials-enabled"])?.toLowerCase() !== "false";
  const endpoint = enabled ? filled(options["client.refresh-credentials-endpoint"]) : undefined;
  const given = catalogKeys(own);
  if (endpoint === undefined && given?.sessionToken === undefined) return refuseRemoteSigning(layer);
  return { ...layer, source: renewalOf(layer, endpoint) };
}

/** A catalog may offer both signing and keys: then the keys serve. */
function refuseRemoteSigning(layer: OptionLayer): OptionLayer {
  const signs = filled(layer.options["s3.remote-signing-enabled"])?.toLowerCase() === "true";
  if (!signs || catalogKeys(layer.options) !== undefined) return layer;
  throw new TableError(
    "The catalog signs each read of this table by itself (s3.remote-signing-enabled), which this version can't use; " +
      "ask for keys instead, with the header X-Iceberg-Access-Delegation: vended-credentials",
  );
}
