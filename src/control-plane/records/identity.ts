import { type IdentityTarget, targetStorageId } from "../../stats/index.ts";
import { badArgument } from "../errors/index.ts";

/** `StatsTarget` of either generation, by its members. */
export type TargetMessage =
  | { readonly case: "table" }
  | { readonly case: "column"; readonly value: { readonly columnId: bigint } }
  | { readonly case: "file"; readonly value: { readonly filePath: string } }
  | {
      readonly case: "expression";
      readonly value: { readonly engineKind: string; readonly engineExpressionKey: Uint8Array };
    }
  | { readonly case: "composite"; readonly value: { readonly columnIds: readonly bigint[] } }
  | { readonly case: undefined };

/** Storage id of a record's target (07 §8.7); what can't be identified is refused in the contract's words (02 §5.4 step 6). */
export function storageIdOf(target: TargetMessage): string {
  try {
    return targetStorageId(identityTarget(target));
  } catch (error) {
    if (error instanceof RangeError) throw badArgument(error.message);
    throw error;
  }
}

function identityTarget(target: TargetMessage): IdentityTarget {
  switch (target.case) {
    case "table":
      return { kind: "table" };
    case "column":
      return { kind: "column", columnId: target.value.columnId };
    case "file":
      return { kind: "file", filePath: target.value.filePath };
    case "expression":
      return {
        kind: "expression",
        engineKind: target.value.engineKind,
        key: target.value.engineExpressionKey,
      };
    case "composite":
      return { kind: "composite", columnIds: target.value.columnIds };
    case undefined:
      throw badArgument("StatsTarget target is not set");
  }
}
