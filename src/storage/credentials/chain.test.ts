import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { createMachineCredentials } from "./chain.ts";

const signal = new AbortController().signal;
const HOUR_MS = 3_600_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-"));
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
    vi.stubEnv(name, "");
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** A profile whose keys a program gives out, numbered, ending an hour after `fromMs`. */
async function profileOfProgram(fromMs: number): Promise<string> {
  const program = join(folder, "keys.cjs");
  await writeFile(
    program,
    `const fs = require("node:fs"); fs.appendFileSync(${JSON.stringify(join(folder, "calls"))}, "x");
     const n = fs.readFileSync(${JSON.stringify(join(folder, "calls"))}, "utf8").length;
     console.log(JSON.stringify({ Version: 1, AccessKeyId: "k" + n, SecretAccessKey: "s", SessionToken: "t", Expiration: new Date(${fromMs + HOUR_MS}).toISOString() }));`,
  );
  const file = join(folder, "config");
  await writeFile(file, `[profile p]\ncredential_process = ${process.execPath} ${program}\n`);
  return file;
}

it("08 §5.4 keys of the machine are asked for once, renewed five minutes before their end, and at once when refused", async () => {
  // Real time, since the SDK has its own idea of it; our clock goes on from there.
  const clock = new FakeClock(Date.now());
  const profileFile = await profileOfProgram(clock.nowMs());
  const ask = createMachineCredentials(clock);
  const settings = { kind: "chain", profile: "p", profileFile } as const;
  const get = async (rejected?: string) => {
    const keys = rejected && { accessKeyId: rejected, secretAccessKey: "s", sessionToken: "t" };
    return await ask(settings, { signal, ...(keys && { rejected: keys }) });
  };
  const endMs = clock.nowMs() + HOUR_MS;
  const [first, second] = await Promise.all([get(), get()]);
  expect(first).toEqual({
    accessKeyId: "k1",
    secretAccessKey: "s",
    sessionToken: "t",
    renewAtMs: endMs - 5 * 60_000,
  });
  expect(second).toBe(first);
  expect((await get("k0")).accessKeyId).toBe("k1");
  expect((await get("k1")).accessKeyId).toBe("k2");
  await clock.advance(HOUR_MS - 5 * 60_000);
  await get();
  expect(await readFile(join(folder, "calls"), "utf8")).toHaveLength(3);
});

it("08 §3.6 where renewal fails, the old keys are used until their end", async () => {
  const clock = new FakeClock(Date.now());
  const settings = {
    kind: "chain",
    profile: "p",
    profileFile: await profileOfProgram(clock.nowMs()),
  } as const;
  const ask = createMachineCredentials(clock);
  const first = await ask(settings, { signal });
  await writeFile(join(folder, "keys.cjs"), "process.exit(1)");
  await clock.advance(HOUR_MS - 4 * 60_000);
  const second = await ask(settings, { signal });
  expect(second).toMatchObject({ accessKeyId: "k1", renewAtMs: clock.nowMs() + 10_000 });
  await expect(ask(settings, { signal, rejected: first })).rejects.toThrow(/no AWS credentials/);
  await clock.advance(5 * 60_000);
  await expect(ask(settings, { signal })).rejects.toThrow(/no AWS credentials/);
});

it("08 §5.4 where there are none, the error says where they were looked for; the next who asks looks again", async () => {
  const ask = createMachineCredentials(new FakeClock(Date.now()));
  const missing = join(folder, "none");
  const settings = { kind: "chain", profileFile: missing } as const;
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", missing);
  vi.stubEnv("AWS_PROFILE", "nobody");
  await expect(ask(settings, { signal })).rejects.toThrow(
    /no AWS credentials were found.*AWS_ACCESS_KEY_ID/s,
  );
  vi.stubEnv("AWS_PROFILE", "");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "late");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
  expect(await ask(settings, { signal })).toMatchObject({ accessKeyId: "late" });
});
