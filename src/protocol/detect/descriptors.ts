/**
 * What reflection has shown of a server, looked up by package and name. A file counts by its package, never by its place
 * in an answer, and a dependency that an answer lacked is asked for by name (01 §11.1, G7, G8).
 */
import type { DescriptorProto, FieldDescriptorProto, FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import type { Question, Reflection } from "../grpc/reflection.ts";

/** More files than any of these servers has: a server that keeps naming new ones is not followed. */
const MAX_FILES = 200;

export class ServerDescriptors {
  private readonly files = new Map<string, FileDescriptorProto>();
  private readonly ask: Reflection;

  constructor(ask: Reflection) {
    this.ask = ask;
  }

  /** The file that declares a symbol of a package; undefined if the server has no such symbol. */
  async fileOfSymbol(packageName: string, symbol: string): Promise<FileDescriptorProto | undefined> {
    const answer = await this.request({ by: "symbol", symbol: `${packageName}.${symbol}` });
    return answer?.find((file) => file.package === packageName && declares(file, symbol));
  }

  /** A message that a file or one of its direct and indirect dependencies declares. */
  async messageBelow(
    start: FileDescriptorProto,
    packageName: string,
    name: string,
  ): Promise<DescriptorProto | undefined> {
    const seen = new Set<string>();
    const queue = [start];
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      if (seen.has(file.name) || seen.size >= MAX_FILES) continue;
      seen.add(file.name);
      const found = file.package === packageName ? messageOf(file, name) : undefined;
      if (found !== undefined) return found;
      for (const dependency of file.dependency) {
        if (dependency.startsWith("google/protobuf/") || seen.has(dependency)) continue;
        const next = await this.fileByName(dependency);
        if (next !== undefined) queue.push(next);
      }
    }
    return undefined;
  }

  private async fileByName(name: string): Promise<FileDescriptorProto | undefined> {
    const known = this.files.get(name);
    if (known !== undefined) return known;
    return (await this.request({ by: "file", name }))?.find((file) => file.name === name);
  }

  private async request(question: Question): Promise<readonly FileDescriptorProto[] | undefined> {
    const answer = await this.ask(question);
    for (const file of answer ?? []) this.files.set(file.name, file);
    return answer;
  }
}

function declares(file: FileDescriptorProto, symbol: string): boolean {
  return messageOf(file, symbol) !== undefined || file.service.some((service) => service.name === symbol);
}

export function messageOf(file: FileDescriptorProto, name: string): DescriptorProto | undefined {
  return file.messageType.find((message) => message.name === name);
}

export function nestedOf(message: DescriptorProto, name: string): DescriptorProto | undefined {
  return message.nestedType.find((nested) => nested.name === name);
}

export function fieldOf(
  message: DescriptorProto | undefined,
  name: string,
): FieldDescriptorProto | undefined {
  return message?.field.find((field) => field.name === name);
}

export function fieldNumbered(
  message: DescriptorProto | undefined,
  number: number,
): FieldDescriptorProto | undefined {
  return message?.field.find((field) => field.number === number);
}
