import { describe, expect, it } from "vitest";
import { json } from "../../../../test/support/catalogs/http-server.ts";
import { startRestCatalog } from "../../../../test/support/catalogs/iceberg-rest.ts";
import { loadTable, TABLE } from "../../../../test/support/catalogs/rest-table.ts";
import {
  AccessDeniedError,
  ServiceAnswerError,
  SourceMissingError,
  TransientReadError,
} from "../../../model/index.ts";
import { type CatalogCall, catalogError } from "./errors.ts";

const answered = (call: CatalogCall, status: number, body = "") =>
  catalogError(call, { status, statusText: "", body, secrets: ["the-token"], location: null });

const model = (code: number, type: string, message: string) =>
  JSON.stringify({ error: { message, type, code } });

describe("error answers (04 §3.6)", () => {
  it.each<[CatalogCall, number, string, string, string]>([
    ["config", 400, model(400, "BadRequestException", "no"), "TableError", "Malformed request: no"],
    ["load-table", 400, model(400, "IllegalArgumentException", "no"), "TableError", "no"],
    ["config", 401, model(401, "NotAuthorizedException", "no"), "AccessDeniedError", "Not authorized: no"],
    ["load-table", 403, model(403, "ForbiddenException", "no"), "AccessDeniedError", "Forbidden: no"],
    ["config", 404, "", "SourceMissingError", "Unable to process: Not Found"],
    ["load-table", 404, model(404, "NoSuchNamespaceException", "gone"), "SourceMissingError", "gone"],
    ["config", 409, model(409, "AlreadyExistsException", "is"), "TableError", "Unable to process: is"],
    ["load-table", 409, model(409, "AlreadyExistsException", "is"), "TableError", "is"],
    ["load-table", 500, model(500, "Oops", "bad"), "TransientReadError", "Server error: Oops: bad"],
    ["load-table", 501, model(501, "X", "never"), "TableError", "never"],
    ["load-table", 503, model(503, "X", "busy"), "TransientReadError", "Service unavailable: busy"],
    ["load-table", 418, model(418, "X", "tea"), "TableError", "Unable to process: tea"],
  ])("%s %i: %s", (call, status, body, name, text) => {
    expect(answered(call, status, body)).toMatchObject({ name, message: text });
  });

  it("the body's own code decides; a body that can't be parsed is the message", () => {
    expect(answered("load-table", 500, model(403, "ForbiddenException", "no"))).toMatchObject({
      message: "Forbidden: no",
      cause: new ServiceAnswerError("", { httpStatus: 403, code: "ForbiddenException" }) && {
        httpStatus: 403,
        code: "ForbiddenException",
      },
    });
    expect(answered("load-table", 502, "<html>proxy</html>").message).toBe(
      "Unable to process: <html>proxy</html>",
    );
  });

  it("a token that the answer repeats is left out, and a long text is cut", () => {
    const text = answered("config", 400, model(400, "X", `header was the-token ${"x".repeat(5000)}`)).message;
    expect(text).toMatch(/^Malformed request: header was … x+…$/);
    expect(text.length).toBeLessThan(1100);
  });

  it("04 T11: an absent table is TABLE_MISSING with the catalog's text", async () => {
    await using server = await startRestCatalog({ tables: [TABLE] });
    await expect(loadTable(server.origin, { namespace: "a.b" })).rejects.toThrow(
      new SourceMissingError("Table does not exist: a.b.t"),
    );
  });

  it("04 T12: 403 on loading is a refusal for good", async () => {
    await using server = await startRestCatalog({
      tables: [TABLE],
      intercept: ({ path }) =>
        path.endsWith("/tables/t")
          ? json({ error: { message: "no", type: "ForbiddenException", code: 403 } }, 403)
          : undefined,
    });
    const error = await loadTable(server.origin).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AccessDeniedError);
    expect(String(error)).toContain("Forbidden: no");
  });

  it("404 on config, as for a warehouse that there isn't, is TABLE_MISSING", async () => {
    await using server = await startRestCatalog({ tables: [TABLE], warehouse: "w" });
    await expect(loadTable(server.origin, { properties: { warehouse: "other" } })).rejects.toThrow(
      new SourceMissingError("Unable to process: Warehouse other not found"),
    );
  });

  it("a redirect is not followed, since the request may carry a token; the text says where it points", async () => {
    await using server = await startRestCatalog({
      tables: [],
      intercept: () => ({ status: 308, headers: { location: "https://elsewhere/api?x=1" } }),
    });
    await expect(loadTable(server.origin)).rejects.toThrow(
      /^Unable to process: .*it points to https:\/\/elsewhere\/api; if that is the catalog/,
    );
    expect(server.seen).toHaveLength(1);
  });

  it("an answer that isn't JSON, or is no table, says so", async () => {
    for (const [body, text] of [
      ["<html>", "is not valid JSON"],
      ["[]", "not an object"],
      ["{}", "Cannot parse metadata"],
    ] as const) {
      await using server = await startRestCatalog({
        tables: [],
        intercept: ({ path }) => (path.endsWith("/tables/t") ? { status: 200, body } : undefined),
      });
      await expect(loadTable(server.origin)).rejects.toThrow(text);
    }
  });

  it("an answer larger than the limit is not taken in", async () => {
    await using server = await startRestCatalog({
      tables: [],
      intercept: () => ({ status: 200, body: JSON.stringify({ defaults: { a: "x".repeat(5 << 20) } }) }),
    });
    const error = await loadTable(server.origin).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(TransientReadError);
    expect(String((error as Error).cause)).toContain("larger than 4194304 bytes");
  });

  it("a uri that is no address is refused before anything is asked", async () => {
    for (const uri of ["", "catalog:8181", "file:///etc", "http://"]) {
      await expect(loadTable(uri)).rejects.toThrow("is an http:// or https:// address");
    }
  });
});
