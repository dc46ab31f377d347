/**
 * A leased job against a control plane that takes tokens of a real oidc-provider alone (08 §1, decision 19). The provider knows only
 * the machine's clock, so that some of these tests wait; they do so side by side.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { CLIENT, startOidcLoop } from "../support/oidc-loop.ts";
import { startService } from "../support/processes.ts";
import { DEMO_TABLE } from "../support/run-cli.ts";

const succeeded = { end: { at: "done", outcome: "succeeded" } };
const GENERATIONS = ["chunked", "inline"] as const;

describe.concurrent.each(GENERATIONS)("08 §1.5, %s", (generation) => {
  test("tokens that end in the middle of a job: renewed ahead or at the first refusal, and the job is done once", async () => {
    await using loop = await startOidcLoop({ generation, lifetimeSeconds: 2 });
    await loop.enqueue();
    await loop.startWorker();
    const { group } = await loop.event("capture-started");
    const before = loop.provider.issued();
    await sleep(4500);
    loop.finishCapture();
    expect(await loop.event("job-ended")).toMatchObject(succeeded);
    expect(group.filePaths.length).toBe(3);
    expect(loop.provider.issued()).toBeGreaterThan(before + 1);
    expect(loop.events.filter(({ type }) => type === "leased").length).toBe(1);
    expect(loop.events.filter(({ type }) => type === "beat-failed" || type === "beat-refused")).toEqual([]);
  });

  test("a provider that goes away later: the job ends with the token that is there", async () => {
    await using loop = await startOidcLoop({ generation });
    await loop.enqueue();
    await loop.startWorker();
    await loop.event("capture-started");
    await loop.provider.down();
    await loop.event("beat");
    loop.finishCapture();
    expect(await loop.event("job-ended")).toMatchObject(succeeded);
  });
});

test.concurrent("rotated keys in the middle of a job: a call that is refused is repeated with a token of the new key, the job is done", async () => {
  await using loop = await startOidcLoop({ generation: "chunked", lifetimeSeconds: 3 });
  await loop.enqueue();
  await loop.startWorker();
  await loop.event("capture-started");
  // The control plane looks for keys again at the earliest 5 s after it did so.
  await sleep(5000);
  loop.provider.rotateKeys();
  await sleep(3500);
  loop.finishCapture();
  expect(await loop.event("job-ended")).toMatchObject(succeeded);
  expect(loop.events.filter(({ type }) => type === "leased").length).toBe(1);
});

test.concurrent("a provider that is away when worker and control plane start: the worker process asks on, and captures once there is a token", async () => {
  await using loop = await startOidcLoop({ generation: "chunked" });
  await loop.provider.down();
  await using worker = startService([
    ...["worker", "--control-plane", loop.controlPlane.url, "--allow-local", DEMO_TABLE],
    ...["--set", `floecat.reconciler.oidc.issuer=${loop.provider.issuer}`],
    ...["--set", `floecat.reconciler.oidc.client-id=${CLIENT.clientId}`],
    ...["--set", `floecat.reconciler.oidc.client-secret=${CLIENT.clientSecret}`],
  ]);
  const { msg } = await worker.line("the control plane doesn't answer yet");
  expect(msg).toMatch(/no token from identity provider .*ECONNREFUSED/);
  await loop.provider.up();
  await loop.enqueue();
  expect(await worker.line("Remote reconcile job outcome")).toMatchObject({ result: "succeeded" });
  expect(JSON.stringify(worker.lines)).not.toContain(CLIENT.clientSecret);
});

test.concurrent("decision 19: a wrong audience: the worker leases nothing, says why, and doesn't ask the provider without pause", async () => {
  await using loop = await startOidcLoop({ generation: "chunked", audience: "somebody-else" });
  await loop.startWorker();
  await loop.event("lease-call-failed");
  await sleep(1200);
  const told = loop.events.flatMap((event) =>
    event.type === "lease-call-failed" ? [String(event.error)] : [],
  );
  expect(told[0]).toContain("UNAUTHENTICATED");
  expect(told.at(-1)).toContain("check its issuer and audience settings");
  expect(loop.events.some(({ type }) => type === "leased")).toBe(false);
  expect(loop.provider.issued()).toBeLessThanOrEqual(4);
});

test.concurrent("a slow provider in the middle of a job delays no heartbeat: the token that is there serves meanwhile", async () => {
  await using loop = await startOidcLoop({ generation: "chunked", lifetimeSeconds: 9 });
  await loop.enqueue();
  await loop.startWorker();
  await loop.event("capture-started");
  let answer = () => {};
  loop.provider.holdTokens(new Promise((resolve) => (answer = resolve)));
  // The token ages after 6 s.
  await sleep(7000);
  const beats = loop.events.flatMap((event) => (event.type === "beat" ? [event.durationMs] : []));
  expect(beats.length).toBeGreaterThanOrEqual(6);
  expect(Math.max(...beats)).toBeLessThan(900);
  answer();
  loop.finishCapture();
  expect(await loop.event("job-ended")).toMatchObject(succeeded);
});
