/**
 * Server reflection (01 §11.1): version v1, which the peers answer without a token, then v1alpha. One question opens one
 * stream, since a server may end the stream after a miss.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createClient, type Transport } from "@connectrpc/connect";
import { CallFailedError, type Credentials, invoke, NoTokenError, type RpcOptions } from "../calls/invoke.ts";
import { ReflectionUnavailableError } from "../detect/errors.ts";
import type { CallOptions } from "../port.ts";
import { ServerReflection as ServerReflectionV1 } from "./gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionV1Alpha } from "./gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { saysMethodAbsent } from "./status.ts";

export type Question =
  | { readonly by: "symbol"; readonly symbol: string }
  | { readonly by: "file"; readonly name: string };

/** Descriptor files of an answer, in no certain order; undefined: the server doesn't know the symbol or file. */
export type Reflection = (question: Question) => Promise<readonly FileDescriptorProto[] | undefined>;

const NOT_FOUND = 5;

/** Structurally the same in both versions. */
interface ReflectionRpc {
  serverReflectionInfo(
    requests: AsyncIterable<{
      messageRequest:
        | { case: "fileContainingSymbol"; value: string }
        | { case: "fileByFilename"; value: string };
    }>,
    options: RpcOptions,
  ): AsyncIterable<ReflectionAnswer>;
}

interface ReflectionAnswer {
  readonly messageResponse:
    | {
        readonly case: "fileDescriptorResponse";
        readonly value: { readonly fileDescriptorProto: Uint8Array[] };
      }
    | {
        readonly case: "errorResponse";
        readonly value: { readonly errorCode: number; readonly errorMessage: string };
      }
    | { readonly case: "allExtensionNumbersResponse" | "listServicesResponse" }
    | { readonly case: undefined };
}

/** The first version that the server answers stays in use. */
export function reflectionOf(
  transport: Transport,
  credentials: Credentials,
  options: CallOptions,
): Reflection {
  const versions: ReflectionRpc[] = [
    createClient(ServerReflectionV1, transport),
    createClient(ServerReflectionV1Alpha, transport),
  ];
  return async function ask(question): Promise<readonly FileDescriptorProto[] | undefined> {
    const [version] = versions;
    if (version === undefined) throw new ReflectionUnavailableError("the server has no reflection service");
    try {
      return await askVersion(version, question, credentials, options);
    } catch (error) {
      if (!(error instanceof CallFailedError) || error instanceof NoTokenError) throw error;
      if (error.status.code === "NOT_FOUND") return undefined;
      if (saysMethodAbsent(error.status)) {
        versions.shift();
        return ask(question);
      }
      if (error.status.code === "UNAUTHENTICATED" || error.status.code === "PERMISSION_DENIED") {
        throw new ReflectionUnavailableError(
          `the server's reflection service refused us: ${error.status.code}: ${error.message}`,
          { cause: error },
        );
      }
      throw error;
    }
  };
}

async function askVersion(
  version: ReflectionRpc,
  question: Question,
  credentials: Credentials,
  options: CallOptions,
): Promise<readonly FileDescriptorProto[] | undefined> {
  const answer = await invoke(credentials, { accountId: "", headers: {} }, options, async (rpc) => {
    // Read to its end: a stream that is left early keeps its deadline's timer, and with it the process.
    let first: ReflectionAnswer | undefined;
    for await (const message of version.serverReflectionInfo(requestsFor(question), rpc)) first ??= message;
    return first;
  });
  const response = answer?.messageResponse;
  switch (response?.case) {
    case "fileDescriptorResponse":
      return response.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
    case "errorResponse":
      if (response.value.errorCode === NOT_FOUND) return undefined;
      throw new ReflectionUnavailableError(
        `the server's reflection service answered error ${response.value.errorCode}: ${response.value.errorMessage}`,
      );
    default:
      throw new ReflectionUnavailableError("the server's reflection service answered something else");
  }
}

async function* requestsFor(question: Question) {
  yield {
    messageRequest:
      question.by === "symbol"
        ? { case: "fileContainingSymbol" as const, value: question.symbol }
        : { case: "fileByFilename" as const, value: question.name },
  };
}
