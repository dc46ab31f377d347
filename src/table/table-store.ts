/**
 * The store of one table's files (08 §4.3): S3 as the connector's options say, over them what its catalog gave for the whole
 * table, and for paths below a prefix the keys vended for it.
 */
import {
  type AmbientS3,
  type HeldCredentials,
  holdCredentials,
  type S3Settings,
  type StoreSettings,
  s3SettingsOf,
} from "../storage/index.ts";
import type { OptionLayer } from "./iceberg/index.ts";
import type { TableSource } from "./table-source.ts";

export interface StoreRequest {
  readonly store: StoreSettings;
  readonly heldId?: string | undefined;
  readonly ambientS3?: AmbientS3 | undefined;
}

export interface TableStore {
  readonly settings: StoreSettings;
  /** Drops the keys that are renewed for it. */
  release(): void;
}

export function tableStore(source: TableSource, request: StoreRequest): TableStore {
  const held: HeldCredentials[] = [];
  const settingsOf = (layer: OptionLayer): S3Settings => {
    const keys = layer.source && holdCredentials(layer.source);
    if (keys !== undefined) held.push(keys);
    return s3Of(layer, keys, source, request);
  };
  const [base, ...prefixed] = source.layers;
  const s3ByPrefix = prefixed.map((layer) => ({ prefix: layer.prefix, s3: settingsOf(layer) }));
  return {
    settings: {
      ...request.store,
      ...(base !== undefined && { s3: settingsOf(base) }),
      ...(s3ByPrefix.length > 0 && { s3ByPrefix }),
    },
    release() {
      for (const keys of held) keys.release();
    },
  };
}

function s3Of(
  layer: OptionLayer,
  keys: HeldCredentials | undefined,
  source: TableSource,
  { store, heldId, ambientS3 }: StoreRequest,
): S3Settings {
  const kind = source.format === "iceberg" ? "iceberg" : "delta";
  const ambient = { ...(ambientS3 && { ambient: ambientS3 }) };
  const options = s3SettingsOf(layer.options, kind, { heldId, ...ambient });
  const credentials = keys?.settings ?? options.credentials;
  const stated = store.s3;
  if (stated === undefined) return { ...options, credentials };
  return {
    schemes: stated.schemes,
    endpoint: stated.endpoint ?? options.endpoint,
    region: stated.region ?? options.region,
    pathStyle: stated.pathStyle || options.pathStyle,
    credentials: credentials.kind === "chain" ? stated.credentials : credentials,
  };
}
