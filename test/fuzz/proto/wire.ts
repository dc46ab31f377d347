import { concat } from "../../support/parquet-encodings.ts";
import { damage } from "../harness/bytes.ts";
import { oddInteger, type Random } from "../harness/random.ts";

/** Protobuf's wire format as fields that can be changed: numbers, wire types, lengths, order, nesting. */
interface WireField {
  number: number;
  wireType: number;
  /** Of a varint. */
  value: bigint;
  /** Of everything else. */
  bytes: Uint8Array;
  /** In place of the true length. */
  length?: bigint;
}

export function damageMessage(random: Random, message: Uint8Array, donor: Uint8Array): Uint8Array {
  const fields = random.chance(0.15) ? undefined : parse(message);
  if (fields === undefined || fields.length === 0) return damage(random, message, donor);
  const at = random.below(fields.length);
  const field = fields[at]!;
  switch (random.below(10)) {
    case 0:
      fields.splice(at, 1);
      break;
    case 1:
      fields.splice(random.below(fields.length + 1), 0, { ...field });
      break;
    case 2:
      field.number = random.pick([1, 2, 3, field.number + 1, 1 + random.below(20), 2 ** 29 - 1, 0]);
      break;
    case 3:
      field.wireType = random.below(8);
      break;
    case 4:
      field.length = random.pick([0n, 1n, BigInt(field.bytes.length) + 1n, 2n ** 31n, 2n ** 32n, 2n ** 63n]);
      break;
    default:
      if (field.wireType === 0) field.value = oddInteger(random, field.value, []);
      // Half of the time one level deeper, if there is one.
      else if (field.wireType === 2 && random.chance(0.7))
        field.bytes = damageMessage(random, field.bytes, donor);
      else
        field.bytes =
          field.wireType === 2 ? damage(random, field.bytes, donor) : random.bytes(field.bytes.length);
  }
  return encode(fields);
}

function parse(message: Uint8Array): WireField[] | undefined {
  const fields: WireField[] = [];
  let offset = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[offset++];
      if (byte === undefined) throw new Error("cut short");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error("too long");
  };
  try {
    while (offset < message.length) {
      const tag = varint();
      const field: WireField = {
        number: Number(tag >> 3n),
        wireType: Number(tag & 7n),
        value: 0n,
        bytes: new Uint8Array(0),
      };
      if (field.wireType === 0) field.value = varint();
      else {
        const length =
          field.wireType === 1 ? 8 : field.wireType === 5 ? 4 : field.wireType === 2 ? Number(varint()) : -1;
        if (length < 0 || offset + length > message.length) return undefined;
        field.bytes = message.slice(offset, offset + length);
        offset += length;
      }
      fields.push(field);
    }
    return fields;
  } catch {
    return undefined;
  }
}

function encode(fields: readonly WireField[]): Uint8Array {
  return concat(
    fields.flatMap(({ number, wireType, value, bytes, length }) => {
      const tag = varintOf((BigInt(number) << 3n) | BigInt(wireType));
      if (wireType === 0) return [tag, varintOf(value)];
      return wireType === 2 ? [tag, varintOf(length ?? BigInt(bytes.length)), bytes] : [tag, bytes];
    }),
  );
}

function varintOf(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.of(...bytes, Number(rest));
}
