import { expect, it } from "vitest";
import { json, serve } from "../../../test/support/catalogs/http-server.ts";
import { openHttp } from "../../http/index.ts";
import { AccessDeniedError } from "../../model/index.ts";
import { catalogFetch } from "./fetch.ts";

const request = {
  method: "GET",
  headers: {},
  signal: new AbortController().signal,
  timeoutMs: 5000,
  maxAnswerBytes: 1000,
} as const;

it("a connector leads to no link-local address, and only to hosts that are allowed", async () => {
  await using server = await serve(() => json({}));
  const http = openHttp();
  expect((await catalogFetch(http)(server.origin, request)).status).toBe(200);
  for (const address of [
    "http://169.254.169.254/latest/meta-data",
    "http://[fd00:ec2::254]/",
    "http://[::ffff:a9fe:a9fe]/",
  ]) {
    await expect(catalogFetch(http)(address, request)).rejects.toThrow(AccessDeniedError);
  }
  await expect(catalogFetch(http, { hosts: ["*.example.org"] })(server.origin, request)).rejects.toThrow(
    "the host 127.0.0.1 is not among those that may be reached",
  );
  http.close();
});
