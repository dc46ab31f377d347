/**
 * Client credentials against a real provider, whose tokens a control plane checks by the published keys: the calls of a job
 * with tokens that end, whose key is rotated, that are for someone else, or that can't be had.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { type IdentityProvider, startIdentityProvider } from "../../../test/support/identity-provider.ts";
import { openHttp } from "../../http/index.ts";
import { RenewReconcileLeaseResponseSchema } from "../chunked/gen/floecat/reconciler/reconciler_pb.ts";
import type { ControlPlane } from "../port.ts";
import { connect, EXECUTOR_CONTROL, lease, options, serve } from "../testing/connected.ts";
import type { RawReply } from "../testing/raw-grpc-server.ts";
import { oidcTokens } from "./oidc-tokens.ts";

const AUDIENCE = "floecat-reconciler-worker";
const LIFETIME_S = 120;

const stack: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of stack.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

interface SetUp {
  readonly provider: IdentityProvider;
  readonly controlPlane: ControlPlane;
  readonly clock: FakeClock;
  /** What the control plane found wrong with the tokens of its calls, in order. */
  readonly problems: (string | undefined)[];
}

/** The provider has the machine's clock; the control plane has ours, unless a test makes us outlive a token. */
async function setUp({ audience = AUDIENCE, sharedClock = true } = {}): Promise<SetUp> {
  const client = { clientId: "worker", clientSecret: "worker-secret" };
  const provider = await startIdentityProvider({ ...client, audience, lifetimeSeconds: LIFETIME_S });
  stack.push(provider);
  const clock = new FakeClock(Date.now());
  const problems: (string | undefined)[] = [];
  const renew = async (authorization: string): Promise<RawReply> => {
    const token = authorization.replace(/^Bearer /, "");
    const nowMs = sharedClock ? clock.nowMs() : Date.now();
    const problem = await provider.problemOf(token, { audience: AUDIENCE, nowMs });
    problems.push(problem);
    if (problem !== undefined) return { status: 16, statusMessage: "invalid authorization token" };
    return {
      message: toBinary(
        RenewReconcileLeaseResponseSchema,
        create(RenewReconcileLeaseResponseSchema, { renewed: true }),
      ),
    };
  };
  const server = await serve({
    [`${EXECUTOR_CONTROL}/RenewReconcileLease`]: ({ headers }) => renew(headers.authorization ?? ""),
  });
  const tokens = oidcTokens(
    { http: openHttp(), issuer: provider.issuer, ...client, refreshSkewMs: 30_000, timeoutMs: 10_000 },
    clock,
  );
  const { controlPlane } = await connect(server, { generation: "chunked", tokens });
  return { provider, controlPlane, clock, problems };
}

const held = { held: true, cancellationRequested: false };

test("a token is fetched once for the calls of a job", async () => {
  const { provider, controlPlane, problems } = await setUp();
  for (let call = 0; call < 3; call += 1) expect(await controlPlane.renew(lease, options)).toEqual(held);
  expect(provider.issued()).toBe(1);
  expect(problems).toEqual([undefined, undefined, undefined]);
});

test("a token that ends in the middle of a job is renewed ahead: no call is refused", async () => {
  const { provider, controlPlane, clock, problems } = await setUp();
  // A newer token is issued on the real clock, so the job may only last one lifetime of it.
  for (let beat = 0; beat < 11; beat += 1) {
    expect(await controlPlane.renew(lease, options)).toEqual(held);
    await clock.advance(10_000);
    await expect.poll(() => provider.issued()).toBe(beat >= 9 ? 2 : 1);
  }
  expect(problems.every((problem) => problem === undefined)).toBe(true);
});

test("a rotated signing key costs one refused call, which is repeated with a new token", async () => {
  const { provider, controlPlane, problems } = await setUp();
  await controlPlane.renew(lease, options);
  provider.rotateKeys();
  expect(await controlPlane.renew(lease, options)).toEqual(held);
  expect(problems).toEqual([undefined, "signed with an unknown key", undefined]);
});

test("a server that takes a token for expired before we do: refreshed once", async () => {
  const { controlPlane, clock, problems } = await setUp();
  await controlPlane.renew(lease, options);
  const ahead = clock.nowMs.bind(clock);
  const aheadMs = LIFETIME_S * 1000;
  let late = true;
  clock.nowMs = () => {
    const nowMs = ahead() + (late ? aheadMs + 1000 : 0);
    late = false;
    return nowMs;
  };
  expect(await controlPlane.renew(lease, options)).toEqual(held);
  expect(problems).toEqual([undefined, "expired", undefined]);
});

test("a wrong audience: refused twice, then told, and the provider isn't asked without pause", async () => {
  const { provider, controlPlane, problems } = await setUp({ audience: "someone-else" });
  const refused = { kind: "unauthenticated", call: "renewReconcileLease" };
  await expect(controlPlane.renew(lease, options)).rejects.toMatchObject(refused);
  expect(problems).toEqual(["meant for someone-else", "meant for someone-else"]);
  for (let call = 0; call < 5; call += 1) {
    await expect(controlPlane.renew(lease, options)).rejects.toThrow(/check its issuer and audience/);
  }
  expect(provider.issued()).toBe(2);
});

test("a provider that is down at start: the call fails, the next one after its wait works", async () => {
  const { provider, controlPlane, clock } = await setUp();
  await provider.down();
  await expect(controlPlane.renew(lease, options)).rejects.toThrow(
    /no token from identity provider .*ECONNREFUSED/,
  );
  await provider.up();
  await clock.advance(500);
  expect(await controlPlane.renew(lease, options)).toEqual(held);
});

test("a provider that goes down later: the token serves to its end", async () => {
  const { provider, controlPlane, clock } = await setUp({ sharedClock: false });
  await controlPlane.renew(lease, options);
  await provider.down();
  await clock.advance(LIFETIME_S * 1000 - 1500);
  expect(await controlPlane.renew(lease, options)).toEqual(held);
  await clock.advance(1500);
  await expect(controlPlane.renew(lease, options)).rejects.toThrow(/ECONNREFUSED/);
  await provider.up();
  await clock.advance(2000);
  expect(await controlPlane.renew(lease, options)).toEqual(held);
});

test("a slow provider: the wait counts against the call's deadline, and the next call has the token", async () => {
  const { provider, controlPlane } = await setUp();
  let release = () => {};
  provider.holdTokens(new Promise((resolve) => (release = resolve)));
  const error: unknown = await controlPlane
    .renew(lease, { ...options, timeoutMs: 100 })
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: "transport", status: { code: "DEADLINE_EXCEEDED" } });
  expect(String(error)).toContain("gave no token within the call's deadline");
  release();
  expect(await controlPlane.renew(lease, options)).toEqual(held);
  expect(provider.issued()).toBe(1);
});
