import { describe } from "vitest";
import { sameResultTests } from "./same-result.ts";

describe("07 §10, chunked: a leased table and capture give the same result", () => {
  sameResultTests("chunked");
});
