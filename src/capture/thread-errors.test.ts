import { describe, expect, test } from "vitest";
import {
  AccessDeniedError,
  FileReplacedError,
  ServiceAnswerError,
  SourceMissingError,
  TableError,
  TransientReadError,
  UnreadableFileError,
} from "../model/index.ts";
import { reviveError, serializeError } from "./thread-errors.ts";

/** As it goes from thread to thread. */
const passed = (error: unknown): Error => reviveError(structuredClone(serializeError(error)));

describe("an error that passes from a capture thread", () => {
  test.each([SourceMissingError, AccessDeniedError, TransientReadError])("keeps its class: %s", (kind) => {
    const error = passed(new kind("what happened"));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toBe("what happened");
  });

  test("keeps the place where a file is unreadable, and its text", () => {
    const where = { file: "s3://b/f", column: "a.b", rowGroup: 1, page: 2, offset: 34 };
    const original = new UnreadableFileError("is torn", where);
    const error = passed(original);
    expect(error).toBeInstanceOf(UnreadableFileError);
    expect(error).toMatchObject({ ...where, reason: "is torn", message: original.message });
  });

  test("keeps that a file was replaced, and what a service answered (08 §6)", () => {
    expect(passed(new FileReplacedError("was replaced", { file: "f" }))).toBeInstanceOf(FileReplacedError);
    const cause = new ServiceAnswerError("403", { httpStatus: 403, code: "ExpiredToken" });
    const error = passed(new AccessDeniedError("no", { cause }));
    expect(error.cause).toBeInstanceOf(ServiceAnswerError);
    expect(error.cause).toMatchObject({ httpStatus: 403, code: "ExpiredToken", message: "403" });
  });

  test("keeps the reference's class of a table error", () => {
    const error = passed(new TableError("no", { referenceType: "IllegalArgumentException" }));
    expect(error).toBeInstanceOf(TableError);
    expect(error).toMatchObject({ referenceType: "IllegalArgumentException" });
  });

  test("keeps its causes with their classes, and where it was thrown", () => {
    const original = new TableError("outer", {
      cause: new TransientReadError("middle", { cause: new RangeError("inner") }),
    });
    const error = passed(original);
    expect(error.cause).toBeInstanceOf(TransientReadError);
    expect(error.cause).toMatchObject({ cause: { name: "RangeError", message: "inner" } });
    expect(error.stack).toBe(original.stack);
  });

  test("ends a chain of causes that leads back to itself", () => {
    const error = new Error("round");
    error.cause = error;
    let depth = 0;
    for (let cause: unknown = passed(error); cause instanceof Error; cause = cause.cause) depth++;
    expect(depth).toBeLessThan(20);
  });

  test("of another class keeps its name; what is no error becomes one", () => {
    expect(passed(new DOMException("cancelled", "AbortError")).name).toBe("AbortError");
    expect(passed("just text").message).toBe("just text");
  });
});
