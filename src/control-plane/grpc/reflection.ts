import { type DescFile, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { ServerReflection as ServerReflectionV1 } from "../../protocol/grpc/gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionV1Alpha } from "../../protocol/grpc/gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { answerStream, type Call, type Route } from "./routes.ts";
import { GRPC_STATUS } from "./status.ts";

/**
 * Server reflection, v1 and v1alpha, as the peer answers it (01 §11.1): the requested file first, then everything it
 * imports; services, methods and messages are found by name, but not enums, fields or oneofs; a miss leaves the stream open.
 */
export function reflectionRoutes(
  files: readonly DescFile[],
  listed: readonly string[],
  /** QUIRK, matched: v1 is open to everybody, v1alpha wants what every other call wants. */
  authenticate: (call: Call) => Promise<unknown>,
): Route[] {
  const index = indexFiles(files);
  const messageResponse = (request: Question) => respond(index, listed, request);
  return [
    answerStream(ServerReflectionV1.method.serverReflectionInfo, (request) => ({
      validHost: request.host,
      originalRequest: request,
      messageResponse: messageResponse(request.messageRequest),
    })),
    answerStream(
      ServerReflectionV1Alpha.method.serverReflectionInfo,
      (request) => ({
        validHost: request.host,
        originalRequest: request,
        messageResponse: messageResponse(request.messageRequest),
      }),
      authenticate,
    ),
  ];
}

/** `message_request` of either version. */
type Question =
  | {
      readonly case: "fileByFilename" | "fileContainingSymbol" | "allExtensionNumbersOfType" | "listServices";
      readonly value: string;
    }
  | { readonly case: "fileContainingExtension"; readonly value: { readonly containingType: string } }
  | { readonly case: undefined };

interface FileIndex {
  readonly byName: ReadonlyMap<string, DescFile>;
  readonly bySymbol: ReadonlyMap<string, DescFile>;
}

function respond(index: FileIndex, listed: readonly string[], request: Question) {
  switch (request.case) {
    case "listServices":
      return {
        case: "listServicesResponse" as const,
        value: { service: listed.map((name) => ({ name })) },
      };
    case "fileByFilename":
      return filesOrMiss(index.byName.get(request.value), `File not found (${request.value})`);
    case "fileContainingSymbol":
      return filesOrMiss(index.bySymbol.get(request.value), `Symbol not found (${request.value})`);
    case "allExtensionNumbersOfType":
      return miss(`Type not found (${request.value})`);
    case "fileContainingExtension":
      return miss(`Extension not found (${request.value.containingType})`);
    case undefined:
      return miss("request not understood");
  }
}

function miss(errorMessage: string) {
  return { case: "errorResponse" as const, value: { errorCode: GRPC_STATUS.NOT_FOUND, errorMessage } };
}

function filesOrMiss(file: DescFile | undefined, missText: string) {
  if (file === undefined) return miss(missText);
  const fileDescriptorProto = withDependencies(file).map((each) =>
    toBinary(FileDescriptorProtoSchema, each.proto),
  );
  return { case: "fileDescriptorResponse" as const, value: { fileDescriptorProto } };
}

function withDependencies(file: DescFile): DescFile[] {
  const found = new Set<DescFile>();
  const visit = (each: DescFile) => {
    if (found.has(each)) return;
    found.add(each);
    each.dependencies.forEach(visit);
  };
  visit(file);
  return [...found];
}

function indexFiles(files: readonly DescFile[]): FileIndex {
  const byName = new Map<string, DescFile>();
  const bySymbol = new Map<string, DescFile>();
  for (const file of new Set(files.flatMap(withDependencies))) {
    // `DescFile.name` has no suffix; the descriptor's own name does.
    byName.set(file.proto.name, file);
    for (const symbol of symbols(file)) bySymbol.set(symbol, file);
  }
  return { byName, bySymbol };
}

function symbols(file: DescFile): string[] {
  const messages = (message: DescMessage): string[] => [
    message.typeName,
    ...message.nestedMessages.flatMap(messages),
  ];
  const services = file.services.flatMap((service) => [
    service.typeName,
    ...service.methods.map((method) => `${service.typeName}.${method.name}`),
  ]);
  return [...services, ...file.messages.flatMap(messages)];
}
