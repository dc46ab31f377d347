/** Streams that are reset and connections that end under their calls (03 §3.1, §3.5). */
import { testEachFault } from "./families.ts";

testEachFault([
  ["is reset before its effect", { kind: "reset", afterEffect: false }],
  ["is reset after its effect", { kind: "reset", afterEffect: true }],
  ["loses its connection before its effect", { kind: "disconnect", afterEffect: false }],
  ["loses its connection after its effect", { kind: "disconnect", afterEffect: true }],
  ["comes with GOAWAY", { kind: "goaway" }],
]);
