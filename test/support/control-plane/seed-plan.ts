import { rootJob, storePlan } from "../../../src/control-plane/plan/store-plan.ts";
import type { Harness } from "./harness.ts";

/** A plan of the seeded table as the planner stores it; the id of its PLAN_SNAPSHOT job. */
export function seedPlan(harness: Harness, groups: readonly (readonly string[])[]): string {
  const like = harness.job("parent");
  const root = rootJob(harness.context, like, "waiting");
  harness.context.engine.save(root);
  const snapshot = { tableId: "table-1", snapshotId: 55n };
  return storePlan(harness.context, root, like, { snapshot, groups }).jobId;
}
