import { describe } from "vitest";
import { sameResultTests } from "./same-result.ts";

describe("07 §10, inline: a leased table and capture give the same result", () => {
  sameResultTests("inline");
});
