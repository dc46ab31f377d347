import { z } from "zod";
import { BYTE_SIZE_HINT, parseByteSize } from "../config/index.ts";
import { UsageError } from "../model/index.ts";

/** Checks a command's options against its schema; what is wrong becomes a `UsageError` that names the flag. */
export function parseOptions<Schema extends z.ZodType>(schema: Schema, options: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const flag = issue?.path[0] === undefined ? "option" : `--${kebabCase(String(issue.path[0]))}`;
  throw new UsageError(`${flag}: ${issue?.message ?? "not understood"}`);
}

/** Commander knows `--test-root` as `testRoot`. */
function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A whole number of at least `least`, given as text. */
export function wholeNumber(least: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,9}$/, "a whole number is needed")
    .transform(Number)
    .refine((value) => value >= least, `at least ${least} is needed`);
}

/** Bytes, also with a unit behind the number. */
export function byteSize(): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const bytes = parseByteSize(text);
    if (bytes !== undefined) return bytes;
    context.addIssue(BYTE_SIZE_HINT);
    return z.NEVER;
  });
}
