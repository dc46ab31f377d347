import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderReference } from "./reference.ts";
import { everySetting } from "./settings/index.ts";
import { environmentNames } from "./settings/setting.ts";

test("docs/configuration.md is what the schema says; npm run generate:configuration writes it", () => {
  expect(readFileSync("docs/configuration.md", "utf8")).toBe(renderReference());
});

test("no two settings share a name", () => {
  const owners = new Map<string, string>();
  for (const { info } of everySetting()) {
    for (const name of [info.key, ...environmentNames(info)]) {
      expect(owners.get(name) ?? info.key).toBe(info.key);
      owners.set(name, info.key);
    }
  }
});
