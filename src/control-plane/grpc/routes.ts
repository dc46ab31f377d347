import {
  create,
  type DescMessage,
  type DescMethodBiDiStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { GrpcStatusError } from "./status.ts";

/** What a handler may know of its call. */
export interface Call {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** A request header, by its lower-case name. */
  header(name: string): string | undefined;
  /** Aborts when the client goes away, its deadline passes or the server closes. */
  readonly signal: AbortSignal;
  /** `grpc-timeout` of the client. */
  readonly timeoutMs: number | undefined;
  /** Sent with the response headers and again with the trailers. */
  readonly responseMetadata: Map<string, string>;
}

/** One method: raw messages in, raw messages out. Kinds of methods differ only in how many there are. */
export interface Route {
  readonly path: string;
  handle(requests: AsyncIterable<Uint8Array>, call: Call): AsyncIterable<Uint8Array>;
}

type Handler<Input extends DescMessage, Output> = (request: MessageShape<Input>, call: Call) => Output;

export function unary<Input extends DescMessage, Output extends DescMessage>(
  method: DescMethodUnary<Input, Output>,
  handler: Handler<Input, MessageInitShape<Output> | Promise<MessageInitShape<Output>>>,
): Route {
  return {
    path: methodPath(method),
    async *handle(requests, call) {
      const request = decode(method.input, await onlyMessage(requests));
      yield toBinary(method.output, create(method.output, await handler(request, call)));
    },
  };
}

export function serverStream<Input extends DescMessage, Output extends DescMessage>(
  method: DescMethodServerStreaming<Input, Output>,
  handler: Handler<Input, AsyncIterable<MessageInitShape<Output>>>,
): Route {
  return {
    path: methodPath(method),
    async *handle(requests, call) {
      const request = decode(method.input, await onlyMessage(requests));
      for await (const response of handler(request, call)) {
        yield toBinary(method.output, create(method.output, response));
      }
    },
  };
}

/** A bidirectional stream that answers each request with one response. */
export function answerStream<Input extends DescMessage, Output extends DescMessage>(
  method: DescMethodBiDiStreaming<Input, Output>,
  handler: Handler<Input, MessageInitShape<Output>>,
  admit: (call: Call) => Promise<unknown> = async () => {},
): Route {
  return {
    path: methodPath(method),
    async *handle(requests, call) {
      await admit(call);
      for await (const bytes of requests) {
        const request = decode(method.input, bytes);
        yield toBinary(method.output, create(method.output, handler(request, call)));
      }
    },
  };
}

function methodPath(method: { readonly name: string; readonly parent: { readonly typeName: string } }) {
  return `/${method.parent.typeName}/${method.name}`;
}

async function onlyMessage(requests: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let only: Uint8Array | undefined;
  for await (const message of requests) {
    if (only !== undefined) throw new GrpcStatusError("INTERNAL", "more than one request message");
    only = message;
  }
  if (only === undefined) throw new GrpcStatusError("INTERNAL", "no request message");
  return only;
}

/** What can't be parsed is refused without details (01 §10.3, 02 §12.1). */
function decode<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes);
  } catch {
    throw new GrpcStatusError("UNKNOWN");
  }
}
