/** Conversions between model values and protobuf values that every message needs (01 §3, §13). */
import type { UnknownEnum } from "@bufbuild/protobuf";
import type { ResourceId } from "../../model/index.ts";

/** Proto3 enums are open: a number of the model goes out as it is, known or not. */
export function openEnum(value: number): UnknownEnum {
  if (!isEnumNumber(value)) throw new RangeError(`not an enum number: ${value}`);
  return value;
}

function isEnumNumber(value: number): value is UnknownEnum {
  return (value | 0) === value;
}

export interface ResourceIdInit {
  readonly accountId: string;
  readonly id: string;
  readonly kind: UnknownEnum;
}

export function resourceIdInit(resource: ResourceId): ResourceIdInit {
  return { accountId: resource.accountId, id: resource.id, kind: openEnum(resource.kind) };
}

/** An absent id reads as a blank one of no kind. */
export function resourceIdFrom(message: ResourceId | undefined): ResourceId {
  return { accountId: message?.accountId ?? "", id: message?.id ?? "", kind: message?.kind ?? 0 };
}

/** `{seconds, nanos}` of a time in ms: nanos are never negative, also before 1970 (01 §1). */
export function timestampInit(epochMs: number): { seconds: bigint; nanos: number } {
  const seconds = Math.floor(epochMs / 1000);
  return { seconds: BigInt(seconds), nanos: Math.floor(epochMs - seconds * 1000) * 1_000_000 };
}

export function timestampMs(
  timestamp: { readonly seconds: bigint; readonly nanos: number } | undefined,
): number {
  if (timestamp === undefined) return 0;
  return Number(timestamp.seconds) * 1000 + Math.floor(timestamp.nanos / 1_000_000);
}

/** Snapshot ids are `uint64` in reconciler messages and `int64` in records: the same bits (01 §0 fact 4). */
export function unsigned64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

export function signed64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** An encoder would turn a lone surrogate into U+FFFD and so name another file (01 §13 hazard 13). */
export function wellFormedPath(path: string): string {
  if (!path.isWellFormed()) {
    throw new RangeError(`file path with an unpaired surrogate can't be sent: ${JSON.stringify(path)}`);
  }
  return path;
}
