/**
 * Calls of another protobuf stack (protobufjs, from our .proto files) over plain HTTP/2, with everything of the answer in view:
 * grpc-js would join the two values of `grpc-status-details-bin`.
 */
import { connect } from "node:http2";
import { loadSync, type MethodDefinition } from "@grpc/proto-loader";
import protobuf from "protobufjs";
import type { Generation } from "../../../src/model/index.ts";

export type Fields = Record<string, unknown>;

export interface Answer {
  /** gRPC code, 0 for OK. */
  readonly code: number;
  /** `grpc-message`, decoded. */
  readonly message: string;
  /** Empty unless the code is 0. */
  readonly response: Fields;
  /** Each value of `grpc-status-details-bin`, in order. */
  readonly statuses: readonly Status[];
  /** `Error` of the last value, which is the one that counts (01 §8.2). */
  readonly error: ErrorDetail | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>>;
}

export interface Status {
  readonly code: number;
  readonly message: string;
  /** Type name → decoded detail. */
  readonly details: Readonly<Record<string, Fields>>;
}

export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly params: Readonly<Record<string, string>>;
  readonly message_key: string;
  readonly correlation_id: string;
}

export const SERVICES = {
  executor: "ai.floedb.floecat.reconciler.ReconcileExecutorControl",
  control: "ai.floedb.floecat.reconciler.ReconcileControl",
  storage: "ai.floedb.floecat.storage.StorageAuthorities",
} as const;

const conversion = { keepCase: true, longs: String, enums: String, oneofs: true, defaults: true } as const;

export interface Client {
  call(
    service: keyof typeof SERVICES,
    method: string,
    request: Fields,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** A request by its bytes. */
  send(path: string, message: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<RawAnswer>;
  encode(type: string, fields: Fields): Uint8Array;
  decode(type: string, bytes: Uint8Array): Fields;
  close(): void;
}

export interface RawAnswer {
  readonly code: number;
  readonly message: string;
  readonly body: Uint8Array | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>>;
}

export function independentClient(url: string, generation: Generation): Client {
  const files = ["floecat/reconciler/reconciler.proto", "floecat/storage/authority.proto"];
  const includeDirs = [`proto/${generation}`, "proto/grpc"];
  const definitions = loadSync(files, { includeDirs, ...conversion });
  const root = new protobuf.Root();
  const folders = [`proto/${generation}`, "proto/grpc"];
  root.resolvePath = (_, target) => {
    if (target.startsWith("google/protobuf/")) return target;
    const folder = folders[target.startsWith("google/rpc") ? 1 : 0];
    return `${folder}/${target}`;
  };
  root.loadSync([...files, "google/rpc/status.proto", "google/rpc/error_details.proto"], { keepCase: true });
  const session = connect(url);
  session.on("error", () => {});

  const encode = (type: string, fields: Fields) => {
    const message = root.lookupType(type);
    return message.encode(message.fromObject(fields)).finish();
  };
  const decode = (type: string, bytes: Uint8Array): Fields => {
    const message = root.lookupType(type);
    return message.toObject(message.decode(bytes), { ...conversion, arrays: true, objects: true });
  };

  function methodOf(service: string, method: string): MethodDefinition<object, object> {
    const definition = definitions[service];
    if (definition === undefined || !(method in definition)) throw new Error(`no method ${method}`);
    const found = Reflect.get(definition, method);
    if (!isMethod(found)) throw new Error(`${method} is no method`);
    return found;
  }

  async function send(path: string, message: Uint8Array, headers: Readonly<Record<string, string>> = {}) {
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc+proto",
      te: "trailers",
      ...headers,
    });
    const received: { headers: Fields; trailers: Fields; parts: Uint8Array[] } = {
      headers: {},
      trailers: {},
      parts: [],
    };
    stream.on("response", (fields) => {
      received.headers = fields;
    });
    stream.on("trailers", (fields) => {
      received.trailers = fields;
    });
    stream.on("data", (part: Uint8Array) => received.parts.push(part));
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    stream.end(Buffer.concat([prefix, message]));
    await new Promise<void>((resolve, reject) => {
      stream.on("close", resolve);
      stream.on("error", reject);
    });
    const body = Buffer.concat(received.parts);
    const status = { ...received.headers, ...received.trailers };
    return {
      code: Number(status["grpc-status"]),
      message: decodeURIComponent(String(status["grpc-message"] ?? "")),
      body: body.length >= 5 ? body.subarray(5) : undefined,
      headers: received.headers,
      trailers: received.trailers,
    };
  }

  return {
    send,
    encode,
    decode,
    async call(service, method, request, headers = {}) {
      const definition = methodOf(SERVICES[service], method);
      const answer = await send(definition.path, definition.requestSerialize(request), headers);
      const statuses = statusValues({ ...answer.headers, ...answer.trailers }).map((value) =>
        decodeStatus(value, decode),
      );
      const error = statuses.at(-1)?.details["ai.floedb.floecat.common.Error"];
      return {
        code: answer.code,
        message: answer.message,
        response:
          answer.body === undefined ? {} : { ...definition.responseDeserialize(Buffer.from(answer.body)) },
        statuses,
        error: error && errorDetail(error),
        headers: answer.headers,
        trailers: answer.trailers,
      };
    },
    close: () => session.destroy(),
  };
}

function isMethod(value: unknown): value is MethodDefinition<object, object> {
  return typeof value === "object" && value !== null && "requestSerialize" in value;
}

/** Node joins fields of one name by a comma and a space. */
function statusValues(fields: Fields): Uint8Array[] {
  const joined = fields["grpc-status-details-bin"];
  if (typeof joined !== "string") return [];
  return joined.split(", ").map((text) => Buffer.from(text, "base64"));
}

function decodeStatus(value: Uint8Array, decode: Client["decode"]): Status {
  const { code, message, details } = decode("google.rpc.Status", value);
  const decoded: Record<string, Fields> = {};
  for (const detail of Array.isArray(details) ? details : []) {
    const type = String(detail.type_url).split("/").at(-1) ?? "";
    decoded[type] = decode(type, detail.value);
  }
  return { code: Number(code), message: String(message), details: decoded };
}

function errorDetail(fields: Fields): ErrorDetail {
  const params = Object.entries(fields.params ?? {}).map(([name, value]) => [name, String(value)]);
  return {
    code: String(fields.code),
    message: String(fields.message),
    params: Object.fromEntries(params),
    message_key: String(fields.message_key),
    correlation_id: String(fields.correlation_id),
  };
}
