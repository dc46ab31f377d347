import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { thriftBytes } from "../../../test/support/parquet-builder.ts";
import { i32, i64, list, struct, text } from "../write/thrift-writer.ts";
import {
  readBinary,
  readI32,
  readI64,
  readListHeader,
  readSafeI64,
  readStruct,
  THRIFT,
  ThriftError,
  thriftCursor,
} from "./compact.ts";

const bytes = (...values: number[]) => Uint8Array.of(...values);

/** Reads a struct and skips every field. */
function skipAll(input: Uint8Array): number {
  const cursor = thriftCursor(input);
  readStruct(cursor, () => false);
  return cursor.offset;
}

function failure(run: () => unknown): ThriftError {
  try {
    run();
  } catch (error) {
    if (error instanceof ThriftError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("thrift compact protocol", () => {
  test("64-bit integers round-trip as bigint", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(readI64(thriftCursor(thriftBytes(i64(value))))).toBe(value);
      }),
    );
  });

  test("64-bit integers round-trip as numbers within 2^53", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(readSafeI64(thriftCursor(thriftBytes(i64(value))))).toBe(value);
      }),
    );
  });

  test("64-bit integers beyond 2^53 are refused where a number is wanted", () => {
    expect(failure(() => readSafeI64(thriftCursor(thriftBytes(i64(2n ** 53n))))).message).toMatch(/2\^53/);
    expect(failure(() => readSafeI64(thriftCursor(thriftBytes(i64(-(2n ** 63n)))))).message).toMatch(/2\^53/);
  });

  test("an integer too large for its field is refused, not wrapped", () => {
    expect(failure(() => readI32(thriftCursor(thriftBytes(i64(2 ** 31))))).message).toMatch(/32-bit/);
  });

  test("a varint of more than 64 bits is refused", () => {
    expect(failure(() => readI64(thriftCursor(new Uint8Array(20).fill(0x80)))).truncated).toBe(false);
  });

  test("a length beyond the input is refused before anything is allocated, as input that may go on", () => {
    const error = failure(() => readBinary(thriftCursor(bytes(0xff, 0xff, 0xff, 0xff, 7))));
    expect(error.truncated).toBe(true);
    expect(error.message).toMatch(/binary of 2147483647 bytes where 0 are left/);
  });

  test("a length of 2^31 or more is refused for good", () => {
    expect(failure(() => readBinary(thriftCursor(bytes(0x80, 0x80, 0x80, 0x80, 8)))).truncated).toBe(false);
  });

  test("a list of more elements than bytes is refused", () => {
    expect(
      failure(() =>
        readListHeader(thriftCursor(bytes(0xf0 | THRIFT.struct, 0xff, 0xff, 0x7f, 0)), THRIFT.struct),
      ).message,
    ).toMatch(/count 2097151 where 1 bytes are left/);
    // The same when it is skipped: field 1 is a list.
    expect(failure(() => skipAll(bytes(0x19, 0xf0 | THRIFT.i32, 0xff, 0xff, 0x7f, 0))).message).toMatch(
      /count/,
    );
  });

  test("a list of another type is refused", () => {
    expect(
      failure(() => readListHeader(thriftCursor(thriftBytes(list("i32", [i32(1)]))), THRIFT.struct)).message,
    ).toMatch(/list of type 5/);
  });

  test("unknown fields of every type are skipped", () => {
    const value = struct(
      [1, text("a")],
      [2, struct([1, list("struct", [struct([3, { type: "bool", value: true }]), struct()])])],
      [3, { type: "bool", value: false }],
      [4, { type: "byte", value: 3 }],
      [5, i64(-1)],
    );
    const input = thriftBytes(value);
    expect(skipAll(input)).toBe(input.length);
    // A double, a map of (i32, binary), an empty map, a set of booleans, a uuid.
    const rest = bytes(
      0x17,
      ...new Array(8).fill(0),
      0x1b,
      1,
      0x58,
      2,
      1,
      65,
      0x1b,
      0,
      0x1a,
      0x21,
      1,
      2,
      0x1d,
      ...new Array(16).fill(0),
      0,
    );
    expect(skipAll(rest)).toBe(rest.length);
  });

  test("nesting has a limit, whether of structs, lists or maps", () => {
    for (const opener of [[0x1c], [0x19, 0x19], [0x1b, 1, 0x5b, 2]]) {
      const input = Uint8Array.from(
        Array.from({ length: 100_000 }, (_, at) => opener[at % opener.length] ?? 0),
      );
      expect(failure(() => skipAll(input))).toBeInstanceOf(ThriftError);
    }
  });

  test("random bytes end in a ThriftError or a value, never in anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
        try {
          expect(skipAll(input)).toBeLessThanOrEqual(input.length);
        } catch (error) {
          expect(error).toBeInstanceOf(ThriftError);
        }
      }),
    );
  });
});
