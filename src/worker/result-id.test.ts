import { expect, test } from "vitest";
import { groupIds, resultId } from "./result-id.ts";

const lease = { jobId: "job-1", leaseEpoch: "lease-1", accountId: "acct" };

test("03 §11 by decision 1: the id names job, plan, group, lease epoch and outcome", () => {
  const ids = { planId: "plan-1", groupId: "group-1" };
  expect(resultId(lease, ids, "success")).toBe("job-1:plan-1:group-1:lease-1:success");
  expect(resultId(lease, ids, "failure")).toBe("job-1:plan-1:group-1:lease-1:failure");
});

test("03 §11: unknown plan and group leave their places empty; parts are trimmed", () => {
  expect(resultId(lease, { planId: "", groupId: "" }, "failure")).toBe("job-1:::lease-1:failure");
  expect(resultId({ ...lease, jobId: " job-1 " }, { planId: " p ", groupId: " g " }, "success")).toBe(
    "job-1:p:g:lease-1:success",
  );
});

test("01 C8, 03 T13: no id is blank, so that every submission may be sent again", () => {
  const nothing = { jobId: " ", leaseEpoch: " ", accountId: "" };
  expect(resultId(nothing, { planId: " ", groupId: " " }, "success").trim()).not.toBe("");
});

test("03 §11: ids of the payload win over those of the leased task, unless blank", () => {
  const task = { planId: "plan-t", groupId: "group-t" };
  expect(groupIds(task, undefined)).toEqual(task);
  expect(groupIds(task, { planId: "plan-p", groupId: " " })).toEqual({
    planId: "plan-p",
    groupId: "group-t",
  });
});
