import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { DamagedRecordError } from "./codec.ts";

/** Parses one message; what the library finds wrong with the bytes becomes a `DamagedRecordError` that says of what. */
export function decodeMessage<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DamagedRecordError(`${bytes.length} bytes are not a ${schema.name}: ${reason}`, { cause });
  }
}
