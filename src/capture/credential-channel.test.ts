import { MessageChannel } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { AccessDeniedError } from "../model/index.ts";
import { type AskCredentials, holdCredentials } from "../storage/index.ts";
import { answerQuestion, createCredentialChannel } from "./credential-channel.ts";

const signal = new AbortController().signal;
const { port1, port2 } = new MessageChannel();
afterEach(() => {
  port1.close();
});

test("08 §3.6 a capture thread's keys come from the main thread, which is told which were refused; errors keep their class", async () => {
  const held = holdCredentials({
    async current({ rejected }) {
      if (rejected?.accessKeyId === "second") throw new AccessDeniedError("refresh was rejected");
      const accessKeyId = rejected === undefined ? "first" : "second";
      return { accessKeyId, secretAccessKey: "s", sessionToken: "t", renewAtMs: 7 };
    },
  });
  const channel = createCredentialChannel((question) => port1.postMessage(question));
  port1.on("message", (answer) => channel.onAnswer(answer));
  port2.on("message", async (question) => port2.postMessage(await answerQuestion(question, signal)));
  const ask = (rejectedId?: string): ReturnType<AskCredentials> =>
    channel.ask(
      { kind: "held", id: held.id },
      {
        signal,
        ...(rejectedId !== undefined && {
          rejected: { accessKeyId: rejectedId, secretAccessKey: "s", sessionToken: "t" },
        }),
      },
    );
  expect(await ask()).toEqual({
    accessKeyId: "first",
    secretAccessKey: "s",
    sessionToken: "t",
    renewAtMs: 7,
  });
  expect((await ask("first")).accessKeyId).toBe("second");
  await expect(ask("second")).rejects.toThrow(AccessDeniedError);
  held.release();
  await expect(ask()).rejects.toThrow(/has ended/);
});
