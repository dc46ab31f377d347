import { type CapturePool, captureGroup, type ReadAhead, readAhead } from "../../capture/index.ts";
import type { Clock, CrcMode, FileGroup } from "../../model/index.ts";
import type { CredentialVending } from "../../protocol/index.ts";
import { type AmbientS3, openStore, type StoreSettings, s3SettingsOf } from "../../storage/index.ts";
import {
  type CatalogContext,
  createDeltaCache,
  createManifestCache,
  scopedCaches,
  type TableCaches,
} from "../../table/index.ts";
import type { Log } from "../../telemetry/index.ts";
import type { CaptureOptions, GroupCapture } from "../../worker/index.ts";
import { type GroupStorage, groupStorage } from "./group-storage.ts";

export interface GroupCaptureOptions {
  readonly pool: CapturePool;
  readonly clock: Clock;
  readonly crc: CrcMode;
  /** Folder below which a leased path on this machine may lie; undefined: none may (decision 38). */
  readonly allowLocal: string | undefined;
  /** Whether `fs.floecat.test-root` of a connector is followed: it names a folder of this machine (08 §5.5). */
  readonly allowTestRoot: boolean;
  /** What the operator sets for every store: where it may be, by which way, with which limits. */
  readonly rules: Pick<StoreSettings, "reach" | "network" | "limits">;
  readonly ambientS3: AmbientS3;
  /** Undefined: leased tables that a catalog locates are refused. */
  readonly catalogs?: CatalogContext | undefined;
  readonly log: Log;
}

const TEST_ROOT = "fs.floecat.test-root";

interface Prepared {
  readonly storage: GroupStorage;
  readonly ahead: ReadAhead | undefined;
}

/**
 * The capture side as the worker asks for it (03 §9), on the capture threads; one for each connection, whose control plane
 * vends the credentials (08 §3).
 */
export function groupCaptures(
  options: GroupCaptureOptions,
): (vending: CredentialVending | undefined) => GroupCapture {
  const caches: TableCaches = { manifests: createManifestCache(), deltaLogs: createDeltaCache() };
  return (vending) => {
    const prepared = new WeakMap<FileGroup, Prepared>();
    const storageOf = (group: FileGroup, call: Pick<CaptureOptions, "lease" | "signal">) =>
      groupStorage(group, call, { vending, clock: options.clock });

    async function capture(storage: GroupStorage, ahead: ReadAhead | undefined, call: CaptureOptions) {
      const { group, ownOptions, heldId } = storage;
      const { lease, signal, onProgress } = call;
      try {
        return await captureGroup(group, {
          pool: options.pool,
          clock: options.clock,
          store: storeOf(group, options),
          ownOptions,
          heldId,
          ambientS3: options.ambientS3,
          catalogs: options.catalogs,
          ends: ahead?.ends,
          ...scopedCaches(caches, ownerOf(group)),
          crc: options.crc,
          signal,
          onFile: onProgress,
          onWarning: (message) =>
            options.log.warn({ job: lease.jobId, group: group.groupId }, storage.scrub(message)),
        });
      } catch (error) {
        signal.throwIfAborted();
        throw storage.failure(error);
      } finally {
        storage.release();
      }
    }

    return {
      async prefetch(group, call) {
        if (!readsFooters(group)) return;
        const storage = await storageOf(group, call);
        // Where the group isn't captured after all.
        call.signal.addEventListener("abort", () => storage.release(), { once: true });
        const store = openStore(readAheadStore(storage, options));
        const ahead = readAhead(group.filePaths, { store, signal: call.signal });
        prepared.set(group, { storage, ahead });
        await ahead.done;
        store.close();
      },
      async capture(group, call) {
        const { storage, ahead } = prepared.get(group) ?? {};
        prepared.delete(group);
        return await capture(storage ?? (await storageOf(group, call)), ahead, call);
      },
    };
  };
}

/** Whose credentials a group is read with. */
function ownerOf({ connector }: FileGroup): string {
  const { accountId = "", id = "" } = connector.resourceId ?? {};
  return JSON.stringify([accountId, id]);
}

/**
 * Of most groups; metadata alone answers for inline statistics of a table whose manifests or log have them. Keys of an Iceberg
 * catalog aren't known before it is asked.
 */
function readsFooters({ policy, generation, connector }: FileGroup): boolean {
  const source = connector.properties["iceberg.source"]?.trim().toLowerCase();
  if (connector.kind === "iceberg" && source !== "filesystem") return false;
  return policy.outputs.has("page-index") || generation === "chunked";
}

/** Where files may be read. How S3 is reached follows from the connector's options and its catalog. */
function storeOf(group: FileGroup, options: GroupCaptureOptions): StoreSettings {
  const testRoot = options.allowTestRoot ? group.connector.properties[TEST_ROOT] : undefined;
  return {
    local: options.allowLocal === undefined ? { kind: "none" } : { kind: "below", root: options.allowLocal },
    ...options.rules,
    ...(testRoot !== undefined && testRoot.trim() !== "" && { testRoot }),
  };
}

/** Before a catalog is asked, what the connector's options say is all that is known. */
function readAheadStore({ group, heldId }: GroupStorage, options: GroupCaptureOptions): StoreSettings {
  const { kind, properties } = group.connector;
  const s3 = s3SettingsOf(properties, kind === "iceberg" ? "iceberg" : "delta", {
    heldId,
    ambient: options.ambientS3,
  });
  return { ...storeOf(group, options), s3 };
}
