/** 01 §11.1: reflection, as the detection of the worker's side sees it. */
import { describe, expect, it, test } from "vitest";
import { seed, start } from "../../../test/support/control-plane/harness.ts";
import { connectControlPlane } from "../../protocol/index.ts";

const options = { signal: new AbortController().signal, timeoutMs: 10_000 };

describe.each(["inline", "chunked"] as const)("%s", (generation) => {
  test("01 G1, G2: the worker tells the generation by itself", async () => {
    const harness = await start(generation);
    seed(harness);
    const { controlPlane, close } = await connectControlPlane({ url: harness.url }, options);
    expect(controlPlane.generation).toBe(generation);
    const request = { instanceId: "w", executorIds: ["w"] };
    expect(await controlPlane.lease(request, options)).toMatchObject({
      jobId: "job-1",
      kind: "exec-file-group",
    });
    close();
  });
});

it("01 §11.1: files with what they import, services, symbols and misses, in both versions", async () => {
  const harness = await start("chunked");
  const { default: protobuf } = await import("protobufjs");
  for (const version of ["v1", "v1alpha"]) {
    const root = await new protobuf.Root().load(`proto/grpc/grpc/reflection/${version}/reflection.proto`);
    const request = root.lookupType(`grpc.reflection.${version}.ServerReflectionRequest`);
    const response = root.lookupType(`grpc.reflection.${version}.ServerReflectionResponse`);
    const ask = async (fields: object) => {
      const message = request.encode(request.fromObject(fields)).finish();
      const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
      const { body, code } = await harness.client.send(path, message);
      expect(code).toBe(0);
      return response.toObject(response.decode(body ?? new Uint8Array()));
    };
    const listed = await ask({ listServices: "*" });
    expect(listed.listServicesResponse.service.map(({ name }: { name: string }) => name)).toEqual([
      "ai.floedb.floecat.reconciler.ReconcileExecutorControl",
      "ai.floedb.floecat.reconciler.ReconcileControl",
      "ai.floedb.floecat.storage.StorageAuthorities",
    ]);
    const symbol = "ai.floedb.floecat.reconciler.SubmitLeasedFileGroupExecutionResultRequest";
    for (const found of [
      symbol,
      `${symbol}.Chunk`,
      "ai.floedb.floecat.reconciler.ReconcileControl.StartCapture",
    ]) {
      const { fileDescriptorResponse } = await ask({ fileContainingSymbol: found });
      const files: Uint8Array[] = fileDescriptorResponse.fileDescriptorProto;
      // The file asked for comes first; its own name is the descriptor's field 1.
      expect(Buffer.from(files[0] ?? []).toString("latin1")).toContain("floecat/reconciler/reconciler.proto");
      expect(files.length).toBeGreaterThan(4);
    }
    const miss = await ask({ fileContainingSymbol: "ai.floedb.floecat.reconciler.CaptureMode" });
    expect(miss.errorResponse).toEqual({
      errorCode: 5,
      errorMessage: "Symbol not found (ai.floedb.floecat.reconciler.CaptureMode)",
    });
    expect((await ask({ fileByFilename: "x.proto" })).errorResponse.errorMessage).toBe(
      "File not found (x.proto)",
    );
    const byName = await ask({ fileByFilename: "floecat/common/common.proto" });
    expect(byName.fileDescriptorResponse.fileDescriptorProto.length).toBeGreaterThan(0);
  }
});
