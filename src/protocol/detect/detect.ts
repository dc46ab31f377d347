/**
 * Finds out what a server speaks before anything is leased from it (01 §11.2). Only reflection is used: a Submit or a
 * Lease would have effects.
 */
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import type { Generation } from "../../model/index.ts";
import type { Reflection } from "../grpc/reflection.ts";
import { checkStatsVocabulary, classifySubmit, refuseWithoutSubmit, SUBMIT_REQUEST } from "./classify.ts";
import { ServerDescriptors } from "./descriptors.ts";
import { UnsupportedServerError } from "./errors.ts";

const RECONCILER = "ai.floedb.floecat.reconciler";
const CATALOG = "ai.floedb.floecat.catalog";
const STORAGE = "ai.floedb.floecat.storage";

/** How storage credentials are asked for (01 §2.3); undefined: the server has neither method. */
export type VendingMethod = "by-account-location" | "by-lease";

export interface ServerProfile {
  readonly generation: Generation;
  readonly vending: VendingMethod | undefined;
}

export async function detectServer(reflection: Reflection): Promise<ServerProfile> {
  const descriptors = new ServerDescriptors(reflection);
  const file = await descriptors.fileOfSymbol(RECONCILER, SUBMIT_REQUEST);
  if (file === undefined) return refuseWithoutSubmit(await executorControlFile(descriptors));
  const generation = classifySubmit(file);
  checkStatsVocabulary(generation, await descriptors.messageBelow(file, CATALOG, "ScalarStats"));
  return { generation, vending: await vendingMethod(descriptors) };
}

async function executorControlFile(descriptors: ServerDescriptors): Promise<FileDescriptorProto> {
  const file = await descriptors.fileOfSymbol(RECONCILER, "ReconcileExecutorControl");
  if (file === undefined) {
    throw new UnsupportedServerError(
      `the server has no service ${RECONCILER}.ReconcileExecutorControl: is this a Floecat control plane?`,
    );
  }
  return file;
}

async function vendingMethod(descriptors: ServerDescriptors): Promise<VendingMethod | undefined> {
  const file = await descriptors.fileOfSymbol(STORAGE, "StorageAuthorities");
  const service = file?.service.find(({ name }) => name === "StorageAuthorities");
  const methods = new Set(service?.method.map(({ name }) => name));
  if (methods.has("VendStorageCredentials")) return "by-lease";
  if (methods.has("ResolveStorageAuthorityForAccountLocation")) return "by-account-location";
  return undefined;
}
