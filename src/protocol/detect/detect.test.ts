import { clearField, create } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { afterEach, describe, expect, test } from "vitest";
import type { Credentials } from "../calls/invoke.ts";
import { chunkedFiles } from "../chunked/descriptor-files.ts";
import { openConnection } from "../grpc/connection.ts";
import { reflectionOf } from "../grpc/reflection.ts";
import { inlineFiles } from "../inline/descriptor-files.ts";
import {
  type AnswerForm,
  copyOf,
  REFLECTION_V1,
  REFLECTION_V1ALPHA,
  reflectionHandler,
} from "../testing/fake-reflection.ts";
import { type RawHandler, startRawServer } from "../testing/raw-grpc-server.ts";
import { noToken, staticToken } from "../token.ts";
import { messageOf } from "./descriptors.ts";
import { detectServer, type ServerProfile } from "./detect.ts";
import { ReflectionUnavailableError, UnsupportedServerError } from "./errors.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function detect(
  handlers: Readonly<Record<string, RawHandler>>,
  credentials: Credentials = { tokens: noToken, tokenHeader: "authorization" },
): Promise<ServerProfile> {
  const server = await startRawServer(handlers);
  const connection = openConnection({
    url: server.url,
    maxReceiveBytes: 1 << 22,
    keepAliveMs: 30_000,
    keepAliveTimeoutMs: 10_000,
  });
  cleanUps.push(
    () => server.close(),
    () => connection.close(),
  );
  const options = { signal: new AbortController().signal, timeoutMs: 10_000 };
  return detectServer(reflectionOf(connection.transport, credentials, options));
}

function serving(files: readonly FileDescriptorProto[], form?: AnswerForm) {
  return { [REFLECTION_V1]: reflectionHandler(files, form) };
}

/** The files of a generation with the reconciler file changed. */
function withReconciler(
  files: readonly FileDescriptorProto[],
  change: (file: FileDescriptorProto) => void,
): FileDescriptorProto[] {
  return files.map((file) => {
    if (file.package !== "ai.floedb.floecat.reconciler") return file;
    const copy = copyOf(file);
    change(copy);
    return copy;
  });
}

const STATS = "floecat/catalog/stats.proto";

function named(files: readonly FileDescriptorProto[], name: string): FileDescriptorProto {
  const found = files.find((file) => file.name === name);
  if (found === undefined) throw new Error(`no file ${name}`);
  return found;
}

function message(file: FileDescriptorProto, name: string): DescriptorProto {
  const found = file.messageType.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no message ${name}`);
  return found;
}

const SUBMIT = "SubmitLeasedFileGroupExecutionResultRequest";

function successOf(file: FileDescriptorProto): DescriptorProto {
  const found = message(file, SUBMIT).nestedType.find(({ name }) => name === "Success");
  if (found === undefined) throw new Error("no Success");
  return found;
}

describe("01 §11.2", () => {
  test("01 G1: descriptors of inline", async () => {
    expect(await detect(serving(inlineFiles))).toEqual({
      generation: "inline",
      vending: "by-account-location",
      absentFields: [],
    });
  });

  test("01 G2: descriptors of chunked", async () => {
    expect(await detect(serving(chunkedFiles))).toEqual({
      generation: "chunked",
      vending: "by-lease",
      absentFields: [],
    });
  });

  test("01 G3: inline numbers with the finalize calls of a later revision are inline still", async () => {
    const files = withReconciler(inlineFiles, (file) => {
      for (const name of ["GetLeasedSnapshotFinalizeInputRequest", "GetFinalizedSnapshotStatusRequest"]) {
        file.messageType.push(create(DescriptorProtoSchema, { name }));
      }
    });
    expect(await detect(serving(files))).toMatchObject({ generation: "inline" });
  });

  test("01 G4: a chunk oneof without chunk_count is refused, with the numbers found", async () => {
    const files = withReconciler(chunkedFiles, (file) => {
      const success = successOf(file);
      success.field = success.field.filter(({ name }) => name !== "chunk_count");
    });
    const error = await detect(serving(files)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnsupportedServerError);
    expect(String(error)).toContain("chunk=3, success=4, failure=5");
    expect(String(error)).toContain("Success {result_id=1, file_results=2}");
  });

  test("01 G4: chunked numbers without PlannedFileGroupPlanJob are refused: success doesn't complete the job there", async () => {
    const files = withReconciler(chunkedFiles, (file) => {
      file.messageType = file.messageType.filter(({ name }) => name !== "PlannedFileGroupPlanJob");
    });
    await expect(detect(serving(files))).rejects.toThrow(/doesn't complete the job/);
  });

  test("01 G5: inline numbers with a result descriptor are refused", async () => {
    const files = withReconciler(inlineFiles, (file) => {
      const field = successOf(file).field.find(({ number }) => number === 2);
      if (field === undefined) throw new Error("no field 2");
      field.name = "result_descriptor";
      field.label = Label.OPTIONAL;
      field.typeName = ".ai.floedb.floecat.reconciler.FileGroupResultDescriptor";
    });
    await expect(detect(serving(files))).rejects.toThrow(/Success field 2.*result_descriptor=2/);
  });

  test("01 G5: no submit request, a commit request in its place: refused with its numbers", async () => {
    const files = withReconciler(chunkedFiles, (file) => {
      const request = message(file, SUBMIT);
      request.name = "CommitLeasedFileGroupResultRequest";
      request.field = request.field.filter(({ name }) => name !== "chunk");
    });
    await expect(detect(serving(files))).rejects.toThrow(/commit generation.*success=4, failure=5/);
  });

  test("01 §11.2 step 3: worker_affinity is of a later generation", async () => {
    const files = withReconciler(chunkedFiles, (file) => {
      const affinity = { name: "worker_affinity", number: 6, type: Type.STRING, label: Label.OPTIONAL };
      message(file, "LeaseReconcileJobRequest").field.push({
        ...copyOf(file).messageType[0]!.field[0]!,
        ...affinity,
      });
    });
    await expect(detect(serving(files))).rejects.toThrow(/field 6 worker_affinity/);
  });

  test("01 §11.2 step 2: other numbers are refused", async () => {
    const files = withReconciler(inlineFiles, (file) => {
      for (const field of message(file, SUBMIT).field) if (field.name === "failure") field.number = 7;
    });
    await expect(detect(serving(files))).rejects.toThrow(/success=3, failure=7/);
  });

  test("01 G6: v1 absent, v1alpha refuses: what the server speaks has to be configured", async () => {
    const handlers = { [REFLECTION_V1ALPHA]: () => ({ status: 16, statusMessage: "missing token" }) };
    await expect(detect(handlers)).rejects.toThrow(ReflectionUnavailableError);
  });

  test("01 G6: v1 absent, v1alpha wants a token and gets one", async () => {
    const answer = reflectionHandler(inlineFiles);
    const handlers: Record<string, RawHandler> = {
      [REFLECTION_V1ALPHA]: (request) =>
        request.headers.authorization === "Bearer t" ? answer(request) : { status: 16 },
    };
    const credentials = { tokens: staticToken("t"), tokenHeader: "authorization" };
    expect(await detect(handlers, credentials)).toMatchObject({ generation: "inline" });
  });

  test("01 G6: no reflection at all", async () => {
    await expect(detect({})).rejects.toThrow(/no reflection service; set the wire generation/);
  });

  test("01 G7: answers that carry only the requested file", async () => {
    expect(await detect(serving(chunkedFiles, "only-the-file"))).toMatchObject({ generation: "chunked" });
  });

  test("01 G8: answers with the dependencies first", async () => {
    expect(await detect(serving(chunkedFiles, "dependencies-first"))).toMatchObject({
      generation: "chunked",
    });
  });

  test("01 G9: a chunked submit with inline statistics is refused", async () => {
    const files = chunkedFiles.map((file) => (file.name === STATS ? named(inlineFiles, STATS) : file));
    await expect(detect(serving(files))).rejects.toThrow(/field 10 histogram/);
  });

  test("a server that is no control plane is told so", async () => {
    await expect(detect(serving([named(inlineFiles, "floecat/common/common.proto")]))).rejects.toThrow(
      /is this a Floecat control plane/,
    );
  });
});

describe("01 §11: every field that is sent or read", () => {
  /** The chunked files with one message changed. */
  function withMessage(packageName: string, name: string, change: (message: DescriptorProto) => void) {
    return chunkedFiles.map((file) => {
      const copy = copyOf(file);
      const found = file.package.endsWith(packageName) ? messageOf(copy, name) : undefined;
      if (found !== undefined) change(found);
      return copy;
    });
  }

  const without = (packageName: string, message: string, field: string) =>
    withMessage(packageName, message, (found) => {
      found.field = found.field.filter(({ name }) => name !== field);
    });

  const changed = (
    packageName: string,
    message: string,
    field: string,
    change: (found: DescriptorProto["field"][number]) => void,
  ) =>
    withMessage(packageName, message, (found) => {
      for (const each of found.field) if (each.name === field) change(each);
    });

  test.each([
    ["is absent", without("catalog", "FileTargetStats", "partition_spec_id"), "partition_spec_id: absent"],
    [
      "has another number",
      changed("reconciler", "CompleteLeasedReconcileJobRequest", "state", (field) => (field.number = 30)),
      "state: found as number 30, reconciler.ReconcileCompletionState = 3 is needed",
    ],
    [
      "has another type",
      changed("catalog", "ScalarStats", "min", (field) => (field.type = Type.BYTES)),
      "catalog.ScalarStats.min: found min optional bytes = 8, optional string = 8 is needed",
    ],
    [
      "is repeated",
      changed("reconciler", "LeasedFileGroupExecution", "plan_id", (field) => (field.label = Label.REPEATED)),
      "plan_id: found plan_id repeated string = 9, string = 9 is needed",
    ],
    [
      "can't tell zero from absent",
      changed("catalog", "ScalarStats", "null_count", (field) => {
        field.proto3Optional = false;
        clearField(field, FieldDescriptorProtoSchema.field.oneofIndex);
      }),
      "null_count: found null_count int64 = 5, optional int64 = 5 is needed",
    ],
    [
      "has another meaning",
      changed("reconciler", "RenewReconcileLeaseRequest", "lease_epoch", (field) => (field.name = "worker")),
      "lease_epoch: found worker string = 2",
    ],
    [
      "is nested, and of another type",
      changed("reconciler", `${SUBMIT}.Chunk`, "chunk_index", (field) => (field.type = Type.INT64)),
      `${SUBMIT}.Chunk.chunk_index: found chunk_index int64 = 2, uint32 = 2 is needed`,
    ],
    [
      "is of the vending call",
      without("storage", "VendStorageCredentialsRequest", "usage"),
      "storage.VendStorageCredentialsRequest.usage: absent",
    ],
  ])("a field that %s is refused by name", async (_, files, text) => {
    const error: unknown = await detect(serving(files)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnsupportedServerError);
    expect(String(error)).toContain(text);
  });

  test("every difference is named at once", async () => {
    const files = without("catalog", "FileTargetStats", "row_count");
    const more = files.map((file) => {
      const copy = copyOf(file);
      const found = messageOf(copy, "ColumnStatsTarget");
      if (found !== undefined) found.field = [];
      return copy;
    });
    await expect(detect(serving(more))).rejects.toThrow(/ColumnStatsTarget\.column_id.*; .*row_count/);
  });

  test("a field that nothing depends on may be absent, and is told", async () => {
    const files = without("reconciler", "LeaseReconcileJobRequest", "lanes");
    expect(await detect(serving(files))).toMatchObject({
      generation: "chunked",
      absentFields: ["reconciler.LeaseReconcileJobRequest.lanes"],
    });
  });

  test("a field that nothing depends on may not be something else", async () => {
    const files = changed("reconciler", "LeaseReconcileJobRequest", "lanes", (field) => {
      field.name = "namespaces";
    });
    await expect(detect(serving(files))).rejects.toThrow(/lanes: found namespaces/);
  });

  test("fields that we don't know do no harm", async () => {
    const files = withMessage("catalog", "ScalarStats", (found) => {
      found.field.push({ ...found.field[0]!, name: "later", number: 77 });
    });
    expect(await detect(serving(files))).toMatchObject({ generation: "chunked", absentFields: [] });
  });

  test("an enum value with another number is refused", async () => {
    const files = chunkedFiles.map((file) => {
      const copy = copyOf(file);
      const values = copy.enumType.find(({ name }) => name === "ReconcileJobKind")?.value ?? [];
      for (const value of values) if (value.name === "RJK_EXEC_FILE_GROUP") value.number = 9;
      return copy;
    });
    await expect(detect(serving(files))).rejects.toThrow(/RJK_EXEC_FILE_GROUP is 9, 5 is needed/);
  });

  test("a method that is absent is refused", async () => {
    const files = withReconciler(chunkedFiles, (file) => {
      for (const service of file.service) {
        service.method = service.method.filter(({ name }) => name !== "RenewReconcileLease");
      }
    });
    await expect(detect(serving(files))).rejects.toThrow(/no method RenewReconcileLease/);
  });
});
