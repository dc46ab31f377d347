/**
 * Which generation a server speaks, by the field numbers of its descriptors (01 §11.2). Names of services and methods are
 * the same everywhere and prove nothing; a shape that isn't exactly one of the two is refused with what was found.
 */
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  type FileDescriptorProto,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import type { Generation } from "../../model/index.ts";
import { fieldNumbered, fieldOf, messageOf, nestedOf } from "./descriptors.ts";
import { UnsupportedServerError } from "./errors.ts";

export const SUBMIT_REQUEST = "SubmitLeasedFileGroupExecutionResultRequest";

/** Step 2 and 3: by the submit message of the reconciler file. */
export function classifySubmit(file: FileDescriptorProto): Generation {
  const request = messageOf(file, SUBMIT_REQUEST);
  const affinity = fieldNumbered(messageOf(file, "LeaseReconcileJobRequest"), 6);
  if (affinity !== undefined) {
    throw refused(`LeaseReconcileJobRequest has field 6 ${affinity.name}, a later generation`, request);
  }
  const success = request && nestedOf(request, "Success");
  const numbers = [
    fieldOf(request, "success")?.number,
    fieldOf(request, "failure")?.number,
    fieldOf(request, "chunk")?.number,
    fieldOf(success, "chunk_count")?.number,
  ];
  switch (numbers.map((number) => number ?? "none").join(" ")) {
    case "3 4 none none":
      if (isRepeatedStatsRecord(fieldNumbered(success, 2))) return "inline";
      throw refused("Success field 2 is not the list of statistics records", request);
    case "4 5 3 3":
      if (messageOf(file, "PlannedFileGroupPlanJob") !== undefined) return "chunked";
      throw refused("a revision in which an accepted success doesn't complete the job", request);
    case "4 5 3 none":
      throw refused("an early chunked revision, without a chunk count", request);
    default:
      throw refused("not a known form of the submit request", request);
  }
}

function isRepeatedStatsRecord(field: FieldDescriptorProto | undefined): boolean {
  return (
    field?.label === Label.REPEATED &&
    field.type === Type.MESSAGE &&
    field.typeName === ".ai.floedb.floecat.catalog.TargetStatsRecord"
  );
}

/** Step 4: field 10 of `ScalarStats` has to tell the same. */
export function checkStatsVocabulary(generation: Generation, scalar: DescriptorProto | undefined): void {
  const field = fieldNumbered(scalar, 10);
  const spoken =
    field?.name === "histogram" && field.type === Type.BYTES
      ? "inline"
      : field?.name === "avg_width_bytes" && field.type === Type.INT64
        ? "chunked"
        : "unknown";
  if (spoken === generation) return;
  const found = field === undefined ? "no field 10" : `field 10 ${field.name} of type ${Type[field.type]}`;
  throw new UnsupportedServerError(
    `the server's submit request is of the ${generation} generation, but its ScalarStats (${found}) is not`,
  );
}

/** No submit request, though the service is there: the third generation, or one nobody knows (09 §1.3). */
export function refuseWithoutSubmit(file: FileDescriptorProto): never {
  const commit = messageOf(file, "CommitLeasedFileGroupResultRequest");
  if (commit === undefined) {
    throw new UnsupportedServerError(`the server has no ${SUBMIT_REQUEST} and nothing known in its place`);
  }
  throw new UnsupportedServerError(
    `the server is of the commit generation, which is not supported: ${describe("CommitLeasedFileGroupResultRequest", commit)}`,
  );
}

function refused(why: string, request: DescriptorProto | undefined): UnsupportedServerError {
  const found = request === undefined ? `no ${SUBMIT_REQUEST}` : describe(SUBMIT_REQUEST, request);
  return new UnsupportedServerError(`the server's generation is not supported: ${why}; found ${found}`);
}

/** `Request {success=3, failure=4}, Success {result_id=1}`. */
function describe(name: string, message: DescriptorProto): string {
  const numbers = (each: DescriptorProto) =>
    `{${each.field.map((field) => `${field.name}=${field.number}`).join(", ")}}`;
  const success = nestedOf(message, "Success");
  return `${name} ${numbers(message)}${success === undefined ? "" : `, Success ${numbers(success)}`}`;
}
