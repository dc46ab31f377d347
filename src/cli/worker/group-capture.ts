import {
  type CapturePool,
  type CrcMode,
  captureGroup,
  type ReadAhead,
  readAhead,
} from "../../capture/index.ts";
import type { Clock, FileGroup } from "../../model/index.ts";
import { openStore, type StoreSettings } from "../../storage/index.ts";
import { createDeltaCache, createManifestCache } from "../../table/index.ts";
import type { Log } from "../../telemetry/index.ts";
import type { GroupCapture } from "../../worker/index.ts";

export interface GroupCaptureOptions {
  readonly pool: CapturePool;
  readonly clock: Clock;
  readonly crc: CrcMode;
  /** Folder below which a leased path on this machine may lie; undefined: none may (decision 38). */
  readonly allowLocal: string | undefined;
  /** Whether `fs.floecat.test-root` of a connector is followed: it names a folder of this machine (08 §5.5). */
  readonly allowTestRoot: boolean;
  readonly log: Log;
}

const TEST_ROOT = "fs.floecat.test-root";

/** The capture side as the worker asks for it (03 §9), on the capture threads. */
export function createGroupCapture(options: GroupCaptureOptions): GroupCapture {
  const manifests = createManifestCache();
  const deltaLogs = createDeltaCache();
  const ahead = new WeakMap<FileGroup, ReadAhead>();
  return {
    async prefetch(group, { signal }) {
      if (!readsFooters(group)) return;
      const store = openStore(storeOf(group, options));
      const reading = readAhead(group.filePaths, { store, signal });
      ahead.set(group, reading);
      await reading.done;
      store.close();
    },
    capture: (group, { lease, signal, onProgress }) =>
      captureGroup(group, {
        pool: options.pool,
        clock: options.clock,
        store: storeOf(group, options),
        ends: ahead.get(group)?.ends,
        manifests,
        deltaLogs,
        crc: options.crc,
        signal,
        onFile: onProgress,
        onWarning: (message) => options.log.warn({ job: lease.jobId, group: group.groupId }, message),
      }),
  };
}

/** Of most groups; metadata alone answers for inline statistics of a table whose manifests or log have them. */
function readsFooters({ policy, generation }: FileGroup): boolean {
  return policy.outputs.has("page-index") || generation === "chunked";
}

function storeOf(group: FileGroup, options: GroupCaptureOptions): StoreSettings {
  const testRoot = options.allowTestRoot ? group.connector.properties[TEST_ROOT] : undefined;
  return {
    local: options.allowLocal === undefined ? { kind: "none" } : { kind: "below", root: options.allowLocal },
    ...(testRoot !== undefined && testRoot.trim() !== "" && { testRoot }),
  };
}
