/** A reflection service for the raw test server, written by hand from 01 §11.1: questions in, descriptor files out. */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { RawHandler } from "./raw-grpc-server.ts";

export const REFLECTION_V1 = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
export const REFLECTION_V1ALPHA = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

/** Which files an answer holds, and in which order. */
export type AnswerForm = "file-and-dependencies" | "only-the-file" | "dependencies-first";

export function reflectionHandler(
  files: readonly FileDescriptorProto[],
  form: AnswerForm = "file-and-dependencies",
): RawHandler {
  return ({ message }) => {
    const { fileName, symbol } = questionFrom(message);
    const file = files.find((each) => each.name === fileName || declares(each, symbol));
    return {
      message: file === undefined ? missed(symbol ?? fileName ?? "") : found(answerOf(file, files, form)),
    };
  };
}

function questionFrom(message: Uint8Array): { fileName?: string; symbol?: string } {
  const reader = new BinaryReader(message);
  const question: { fileName?: string; symbol?: string } = {};
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === 3) question.fileName = reader.string();
    else if (number === 4) question.symbol = reader.string();
    else reader.skip(wireType, number);
  }
  return question;
}

function declares(file: FileDescriptorProto, symbol: string | undefined): boolean {
  const names = [...file.messageType, ...file.service].map(({ name }) => `${file.package}.${name}`);
  return symbol !== undefined && names.includes(symbol);
}

function answerOf(
  file: FileDescriptorProto,
  files: readonly FileDescriptorProto[],
  form: AnswerForm,
): FileDescriptorProto[] {
  if (form === "only-the-file") return [file];
  const all = [file];
  for (const each of all) {
    for (const name of each.dependency) {
      const dependency = files.find((candidate) => candidate.name === name);
      if (dependency !== undefined && !all.includes(dependency)) all.push(dependency);
    }
  }
  return form === "dependencies-first" ? all.reverse() : all;
}

function found(files: readonly FileDescriptorProto[]): Uint8Array {
  const list = new BinaryWriter();
  for (const file of files) {
    list.tag(1, WireType.LengthDelimited).bytes(toBinary(FileDescriptorProtoSchema, file));
  }
  return new BinaryWriter().tag(4, WireType.LengthDelimited).bytes(list.finish()).finish();
}

function missed(what: string): Uint8Array {
  const error = new BinaryWriter().tag(1, WireType.Varint).int32(5);
  error.tag(2, WireType.LengthDelimited).string(`Symbol not found (${what})`);
  return new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(error.finish()).finish();
}

/** A copy that a test may change. */
export function copyOf(file: FileDescriptorProto): FileDescriptorProto {
  return fromBinary(FileDescriptorProtoSchema, toBinary(FileDescriptorProtoSchema, file));
}
