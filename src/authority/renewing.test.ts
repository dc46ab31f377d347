import { describe, expect, test } from "vitest";
import { ControlPlaneError, type StatusParts, TokenError, type VendedStorage } from "../protocol/index.ts";
import { renewingCredentials } from "./renewing.ts";

const signal = new AbortController().signal;

function vended(name: string, expiresAtMs: number | undefined): VendedStorage {
  const config = {
    "s3.access-key-id": name,
    "s3.secret-access-key": "s",
    "s3.session-token": `${name}-token`,
  };
  return { clientSafeConfig: {}, credentials: [{ prefix: "", config, expiresAtMs }] };
}

type Answer = VendedStorage | Error;

/** Keys `first` that last for `lifeMs`, and a control plane that gives one answer after the other. */
function renewing(lifeMs: number, answers: Answer[] = []) {
  const clock = { nowMs: () => time.ms };
  const time = { ms: 1_000_000, vends: 0 };
  const source = renewingCredentials({
    first: {
      accessKeyId: "first",
      secretAccessKey: "s",
      sessionToken: "first-token",
      expiresAtMs: time.ms + lifeMs,
    },
    clock,
    async vend() {
      time.vends += 1;
      const answer = answers.shift() ?? vended(`k${time.vends}`, time.ms + lifeMs);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const key = async (rejected?: { accessKeyId: string; secretAccessKey: string; sessionToken: string }) =>
    (await source.current({ rejected, signal })).accessKeyId;
  return { source, time, key };
}

function refusal(
  kind: ControlPlaneError["kind"],
  status: Partial<StatusParts> & Pick<StatusParts, "code">,
  cause?: Error,
): ControlPlaneError {
  return new ControlPlaneError(kind, "vendStorageCredentials", { message: "", ...status }, { cause });
}

const unavailable = () => refusal("transport", { code: "UNAVAILABLE" });
const FIRST = { accessKeyId: "first", secretAccessKey: "s", sessionToken: "first-token" };

describe("08 §3.6, S16: when a renewal is due", () => {
  test.each([
    [30_000, 20_000],
    [3_600_000, 3_300_000],
    [900_000, 600_000],
  ])("keys that last %i ms are renewed from %i ms on, inclusive", async (lifeMs, dueMs) => {
    const { source, time, key } = renewing(lifeMs);
    time.ms += dueMs - 1;
    expect(await key()).toBe("first");
    expect((await source.current({ signal })).renewAtMs).toBe(1_000_000 + dueMs);
    time.ms += 1;
    expect(await key()).toBe("k1");
    expect(time.vends).toBe(1);
  });

  test("keys that have ended before they came are renewed at once", async () => {
    const { key } = renewing(-1000, [vended("k1", 2_000_000)]);
    expect(await key()).toBe("k1");
  });

  test("the skew is that of the first keys", async () => {
    const { time, key } = renewing(30_000, [vended("k1", 1_000_000 + 3_600_000)]);
    time.ms += 20_000;
    expect(await key()).toBe("k1");
    time.ms = 1_000_000 + 3_600_000 - 10_001;
    expect(await key()).toBe("k1");
    time.ms += 1;
    expect(await key()).toBe("k2");
  });
});

test("08 §3.6: one renewal for all who ask meanwhile", async () => {
  const { time, key } = renewing(30_000);
  time.ms += 25_000;
  expect(await Promise.all([key(), key(), key()])).toEqual(["k1", "k1", "k1"]);
  expect(time.vends).toBe(1);
});

test("08 S17: a renewal that fails before the end leaves the old keys in use, the next one counts", async () => {
  const { time, key } = renewing(30_000, [unavailable()]);
  time.ms += 20_000;
  expect(await key()).toBe("first");
  // Not with every read.
  expect(await key()).toBe("first");
  expect(time.vends).toBe(1);
  time.ms += 1000;
  expect(await key()).toBe("k2");
});

test("08 §3.6: a renewal that fails after the end is the reader's error, and is tried again", async () => {
  const { time, key } = renewing(30_000, [unavailable()]);
  time.ms += 30_000;
  await expect(key()).rejects.toThrow(/UNAVAILABLE/);
  expect(await key()).toBe("k2");
});

test.each([
  ["lease marker", refusal("lease-lost", { code: "FAILED_PRECONDITION" })],
  ["UNAUTHENTICATED", refusal("unauthenticated", { code: "UNAUTHENTICATED" })],
  ["PERMISSION_DENIED", refusal("refused", { code: "PERMISSION_DENIED" })],
])("08 S18: a renewal answered with %s is final, at once and for all who ask", async (_, error) => {
  const { source, time, key } = renewing(30_000, [error]);
  time.ms += 20_000;
  const text = "Execution-bound storage credential refresh was rejected";
  for (let read = 0; read < 3; read += 1) await expect(key()).rejects.toThrow(text);
  expect(time.vends).toBe(1);
  expect(source.refusal).toMatchObject({ message: text, cause: error });
});

test("08 S19: a FAILED_PRECONDITION without the marker is not final", async () => {
  const text = "reconcile lease is not bound to a concrete storage location";
  const { time, key } = renewing(30_000, [
    refusal("refused", { code: "FAILED_PRECONDITION", message: text }),
  ]);
  time.ms += 30_000;
  await expect(key()).rejects.toThrow(text);
  expect(await key()).toBe("k2");
});

test("decision 3: a token that couldn't be had is no refusal", async () => {
  const outage = refusal("unauthenticated", { code: "UNAUTHENTICATED" }, new TokenError("no token"));
  const { time, key } = renewing(30_000, [outage]);
  time.ms += 20_000;
  expect(await key()).toBe("first");
});

test("08 S20: an answer without an end is a failed renewal; the old keys serve while they are good", async () => {
  const { time, key } = renewing(30_000, [vended("k1", undefined), vended("k1", undefined)]);
  time.ms += 20_000;
  expect(await key()).toBe("first");
  time.ms += 10_000;
  await expect(key()).rejects.toThrow(
    "Expected refreshable execution-bound credentials with access key, secret key, session token, and expiresAt",
  );
});

describe("08 F6: keys that a store has refused as ended", () => {
  test("are renewed before they are due", async () => {
    const { time, key } = renewing(30_000);
    expect(await key(FIRST)).toBe("k1");
    // Another reader whose request was still signed with the old ones.
    expect(await key(FIRST)).toBe("k1");
    expect(time.vends).toBe(1);
  });

  test("are not given again when the renewal fails", async () => {
    const { key } = renewing(30_000, [unavailable()]);
    await expect(key(FIRST)).rejects.toThrow(/UNAVAILABLE/);
  });
});
