/** Calls that something in between refuses: no server there, a token that has expired (03 §3.5, §18). */
import { testEachFault } from "./families.ts";

testEachFault([
  ["is answered UNAVAILABLE", { kind: "unavailable" }],
  ["is answered UNAUTHENTICATED", { kind: "expired-token" }],
]);
