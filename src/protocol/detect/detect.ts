/**
 * Finds out what a server speaks before anything is leased from it (01 §11.2). A Submit or a Lease
 * would have effects, so reflection is asked; where there is none, `probes.ts`.
 */
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import type { Generation } from "../../model/index.ts";
import type { Reflection } from "../grpc/reflection.ts";
import { checkStatsVocabulary, classifySubmit, refuseWithoutSubmit, SUBMIT_REQUEST } from "./classify.ts";
import { ServerDescriptors } from "./descriptors.ts";
import { UnsupportedServerError } from "./errors.ts";
import { checkFields } from "./field-check.ts";
import { USED_METHODS, usedFields, usedVendingFields } from "./used-fields.ts";
import { filesVocabulary, serverVocabulary } from "./vocabulary.ts";

const RECONCILER = "ai.floedb.floecat.reconciler";
const CATALOG = "ai.floedb.floecat.catalog";
const STORAGE = "ai.floedb.floecat.storage";

/** How storage credentials are asked for (01 §2.3); undefined: the server has neither method. */
export type VendingMethod = "by-account-location" | "by-lease";

export interface ServerProfile {
  readonly generation: Generation;
  readonly vending: VendingMethod | undefined;
  /** Fields that the server hasn't and that nothing depends on. */
  readonly absentFields: readonly string[];
}

export async function detectServer(reflection: Reflection): Promise<ServerProfile> {
  const descriptors = new ServerDescriptors(reflection);
  const file = await descriptors.fileOfSymbol(RECONCILER, SUBMIT_REQUEST);
  if (file === undefined) return refuseWithoutSubmit(await executorControlFile(descriptors));
  const generation = classifySubmit(file);
  checkStatsVocabulary(generation, await descriptors.messageBelow(file, CATALOG, "ScalarStats"));
  const storage = await descriptors.fileOfSymbol(STORAGE, "StorageAuthorities");
  const vending = vendingMethod(storage);
  const ours = filesVocabulary(await ownFiles(generation));
  const findings = await checkFields(usedFields(generation), ours, serverVocabulary(descriptors, file));
  const problems = [...methodProblems(await executorControlFile(descriptors)), ...findings.problems];
  const absentFields = [...findings.absent];
  if (storage !== undefined && vending !== undefined) {
    const caller = CALLED_AS[vending];
    const own = filesVocabulary(await ownFiles(caller));
    const vended = await checkFields(usedVendingFields(caller), own, serverVocabulary(descriptors, storage));
    problems.push(...vended.problems);
    absentFields.push(...vended.absent);
  }
  if (problems.length > 0) throw unusable(generation, problems);
  return { generation, vending, absentFields };
}

/** Loaded for the generation that was found: each has its own generated code. */
async function ownFiles(generation: Generation): Promise<readonly FileDescriptorProto[]> {
  if (generation === "inline") return (await import("../inline/descriptor-files.ts")).inlineFiles;
  return (await import("../chunked/descriptor-files.ts")).chunkedFiles;
}

/** Whose messages a vending method takes (01 §2.3). */
const CALLED_AS: Readonly<Record<VendingMethod, Generation>> = {
  "by-account-location": "inline",
  "by-lease": "chunked",
};

function methodProblems(file: FileDescriptorProto): string[] {
  const service = file.service.find(({ name }) => name === "ReconcileExecutorControl");
  return USED_METHODS.flatMap((name) => {
    const method = service?.method.find((each) => each.name === name);
    if (method === undefined) return [`no method ${name}`];
    const asked = `.${RECONCILER}.${name}Request`;
    const answered = `.${RECONCILER}.${name}Response`;
    if (method.inputType === asked && method.outputType === answered) return [];
    return [`method ${name} takes ${method.inputType} and answers ${method.outputType}`];
  });
}

/** More than this many differences say nothing more. */
const SHOWN_PROBLEMS = 12;

function unusable(generation: Generation, problems: readonly string[]): UnsupportedServerError {
  const shown = problems.slice(0, SHOWN_PROBLEMS).join("; ");
  const rest = problems.length > SHOWN_PROBLEMS ? `; and ${problems.length - SHOWN_PROBLEMS} more` : "";
  return new UnsupportedServerError(
    `the control plane speaks the ${generation} generation, but differs where this worker relies on it: ${shown}${rest}`,
  );
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

function vendingMethod(storage: FileDescriptorProto | undefined): VendingMethod | undefined {
  const service = storage?.service.find(({ name }) => name === "StorageAuthorities");
  const methods = new Set(service?.method.map(({ name }) => name));
  if (methods.has("VendStorageCredentials")) return "by-lease";
  if (methods.has("ResolveStorageAuthorityForAccountLocation")) return "by-account-location";
  return undefined;
}
