/**
 * What reflection has shown of a server, looked up by package and name. A file counts by its package, never by its place
 * in an answer, and a dependency that an answer lacked is asked for by name (01 §11.1, G7, G8).
 */
import type {
  DescriptorProto,
  EnumDescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import type { Question, Reflection } from "../grpc/reflection.ts";

/** More files than any of these servers has: a server that keeps naming new ones is not followed. */
const MAX_FILES = 200;

export class ServerDescriptors {
  /** Undefined: the server doesn't have it. */
  private readonly files = new Map<string, FileDescriptorProto | undefined>();
  private readonly ask: Reflection;

  constructor(ask: Reflection) {
    this.ask = ask;
  }

  /** The file that declares a symbol of a package; undefined if the server has no such symbol. */
  async fileOfSymbol(packageName: string, symbol: string): Promise<FileDescriptorProto | undefined> {
    const answer = await this.request({ by: "symbol", symbol: `${packageName}.${symbol}` });
    return answer?.find((file) => file.package === packageName && declares(file, symbol));
  }

  /** A message that a file or one of its direct and indirect dependencies declares; `A.B` is nested in `A`. */
  async messageBelow(
    start: FileDescriptorProto,
    packageName: string,
    name: string,
  ): Promise<DescriptorProto | undefined> {
    return this.firstBelow(start, (file) =>
      file.package === packageName ? messageOf(file, name) : undefined,
    );
  }

  async enumBelow(
    start: FileDescriptorProto,
    packageName: string,
    name: string,
  ): Promise<EnumDescriptorProto | undefined> {
    return this.firstBelow(start, (file) => (file.package === packageName ? enumOf(file, name) : undefined));
  }

  private async firstBelow<T>(
    start: FileDescriptorProto,
    find: (file: FileDescriptorProto) => T | undefined,
  ): Promise<T | undefined> {
    const seen = new Set<string>();
    const queue = [start];
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      if (seen.has(file.name) || seen.size >= MAX_FILES) continue;
      seen.add(file.name);
      const found = find(file);
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
    if (!this.files.has(name)) {
      this.files.set(name, undefined);
      await this.request({ by: "file", name });
    }
    return this.files.get(name);
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

/** `A.B` is the message `B` nested in `A`. */
export function messageOf(file: FileDescriptorProto, name: string): DescriptorProto | undefined {
  const [top, ...nested] = name.split(".");
  return nested.reduce<DescriptorProto | undefined>(
    (message, each) => message && nestedOf(message, each),
    file.messageType.find((message) => message.name === top),
  );
}

export function enumOf(file: FileDescriptorProto, name: string): EnumDescriptorProto | undefined {
  const [first, ...rest] = name.split(".").reverse();
  if (rest.length === 0) return file.enumType.find((each) => each.name === first);
  return messageOf(file, rest.reverse().join("."))?.enumType.find((each) => each.name === first);
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
