import { z } from "zod";

/** Values kept as JSON text: 64-bit integers are written as decimal strings. Checked on reading. */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? item.toString() : item));
}

export function fromJsonText<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> {
  return schema.parse(JSON.parse(text));
}

export const stringList = z.array(z.string());
export const stringMap = z.record(z.string(), z.string());
const int64Text = z.string().transform(BigInt);

export const scopeSchema = z.object({
  destinationNamespaceIds: stringList,
  destinationTableId: z.string(),
  destinationCaptureRequests: z.array(
    z.object({
      tableId: z.string(),
      snapshotId: int64Text,
      targetSpec: z.string(),
      columnSelectors: stringList,
    }),
  ),
  destinationViewId: z.string(),
  capturePolicy: z
    .object({
      columns: z.array(
        z.object({ selector: z.string(), captureStats: z.boolean(), captureIndex: z.boolean() }),
      ),
      outputs: z.array(z.number()),
      defaultColumnScope: z.number(),
      maxDefaultColumns: z.number(),
    })
    .optional()
    .transform((policy) => policy ?? undefined),
  snapshotSelection: z
    .object({ kind: z.number(), snapshotIds: z.array(int64Text), latestN: z.number() })
    .optional()
    .transform((selection) => selection ?? undefined),
});
