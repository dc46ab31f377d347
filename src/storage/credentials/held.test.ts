import { expect, it } from "vitest";
import type { S3Credentials } from "../settings.ts";
import { heldCredentials, holdCredentials } from "./held.ts";

const signal = new AbortController().signal;
const keys = (name: string): S3Credentials => ({ accessKeyId: name, secretAccessKey: "s" });

it("08 §3.6 those who ask at the same time share one question to the source", async () => {
  let asked = 0;
  const held = holdCredentials({ current: async () => keys(`k${++asked}`) });
  const answers = await Promise.all([1, 2, 3].map(() => heldCredentials(held.id, { signal })));
  expect(answers.map(({ accessKeyId }) => accessKeyId)).toEqual(["k1", "k1", "k1"]);
  expect((await heldCredentials(held.id, { signal })).accessKeyId).toBe("k2");
  held.release();
});

it("tells the source which keys were refused, and doesn't answer such a question with one under way without", async () => {
  const rejections: (string | undefined)[] = [];
  const held = holdCredentials({
    async current({ rejected }) {
      rejections.push(rejected?.accessKeyId);
      return keys("new");
    },
  });
  const refused = { rejected: keys("old"), signal };
  await Promise.all([
    heldCredentials(held.id, { signal }),
    heldCredentials(held.id, refused),
    heldCredentials(held.id, refused),
  ]);
  expect(rejections).toEqual([undefined, "old"]);
  held.release();
});

it("one who leaves doesn't stop the question for the others; the end of the capture does", async () => {
  let stopped = false;
  const held = holdCredentials({
    current: ({ signal: flight }) =>
      new Promise((_, reject) => {
        flight.addEventListener("abort", () => {
          stopped = true;
          reject(flight.reason);
        });
      }),
  });
  const leaving = new AbortController();
  const left = heldCredentials(held.id, { signal: leaving.signal });
  const staying = heldCredentials(held.id, { signal });
  leaving.abort(new Error("left"));
  await expect(left).rejects.toThrow("left");
  expect(stopped).toBe(false);
  held.release();
  await expect(staying).rejects.toThrow(/has ended/);
  expect(stopped).toBe(true);
  await expect(heldCredentials(held.id, { signal })).rejects.toThrow(/has ended/);
});
