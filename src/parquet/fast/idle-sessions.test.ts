import { describe, expect, it } from "vitest";
import { createIdleSessions } from "./idle-sessions.ts";
import { createSession } from "./session.ts";

const MIB = 1024 * 1024;

function useOf(session: ReturnType<typeof createSession>, bytes: number): void {
  const mark = session.arena.top;
  session.arena.reserve(bytes);
  session.arena.release(mark);
}

describe("idle sessions", () => {
  it("are used again, the last one first", () => {
    const idle = createIdleSessions();
    const [a, b] = [createSession(MIB), createSession(MIB)];
    idle.give(a);
    idle.give(b);
    expect([idle.take(), idle.take(), idle.take()]).toEqual([b, a, undefined]);
  });

  it("keep what one large page needed while such pages come, and give it back when they don't", () => {
    const idle = createIdleSessions();
    let session = createSession(64 * MIB);
    for (const bytes of [40 * MIB, 100, 100, 39 * MIB, ...Array.from({ length: 16 }, () => 100)]) {
      useOf(session, bytes);
      idle.give(session);
      const next = idle.take();
      expect(next).toBe(session);
      session = next!;
    }
    useOf(session, 100);
    idle.give(session);
    expect(idle.take()).toBeUndefined();
  });

  it("hold 256 MiB together at most", () => {
    const idle = createIdleSessions();
    for (let i = 0; i < 4; i++) {
      const session = createSession(128 * MIB);
      useOf(session, 100 * MIB);
      idle.give(session);
    }
    expect(idle.take()).toBeDefined();
    expect(idle.take()).toBeDefined();
    expect(idle.take()).toBeUndefined();
  });
});
