import { expect, test } from "vitest";
import { connectorSecrets, scrubError, secretValues, withoutSecrets } from "./secrets.ts";

test("08 §8.1: secrets are told by their key, and by their place in an address", () => {
  expect(
    secretValues({
      "s3.secret-access-key": " planted-secret ",
      "s3.access-key-id": "AKIAPLANTED",
      "header.Authorization": "Bearer planted",
      "s3.path-style-access": "planted no secret",
      "client.refresh-credentials-enabled": "true",
      "s3.endpoint": "http://planted-user:planted-pass@host/x",
    }),
  ).toEqual([
    "planted-secret",
    "AKIAPLANTED",
    "Bearer planted",
    "planted-user:planted-pass",
    "planted-user",
    "planted-pass",
  ]);
});

test("08 §8.1: of a connector, options, auth properties, header hints and uri", () => {
  const found = connectorSecrets({
    resourceId: undefined,
    kind: "iceberg",
    uri: "https://me-myself:planted-1@catalog/x",
    properties: { "s3.session-token": "planted-2" },
    auth: {
      scheme: "oauth2",
      properties: { token: "planted-3", "oauth2-server-uri": "https://idp" },
      headerHints: { "X-Api-Key": "planted-4" },
    },
  });
  expect(new Set(found)).toEqual(
    new Set(["planted-1", "planted-2", "planted-3", "planted-4", "me-myself", "me-myself:planted-1"]),
  );
});

test("08 §8.1: a text loses secrets as they are and as URLs write them", () => {
  expect(withoutSecrets("a pl/an+ted b pl%2Fan%2Bted c", ["pl/an+ted"])).toBe("a **** b **** c");
  expect(withoutSecrets("true test", ["true", "test"])).toBe("true test");
  expect(withoutSecrets("broken\ud800x", ["broken\ud800x"])).toBe("****");
});

test("08 §8.1: an error and its causes lose secrets, and stay what they are", () => {
  const cause = new TypeError("signed with planted-secret");
  const error = new RangeError("outer planted-secret", { cause });
  scrubError(error, ["planted-secret"]);
  expect(error).toBeInstanceOf(RangeError);
  expect([error.message, cause.message]).toEqual(["outer ****", "signed with ****"]);
  expect(`${error.stack}${cause.stack}`).not.toContain("planted-secret");
  const loop = new Error("a");
  loop.cause = loop;
  scrubError(loop, ["planted-secret"]);
});
