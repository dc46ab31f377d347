/** A call that never arrives, or takes effect and is never answered (03 §3.5, §15, 02 §6). */
import { testEachFault } from "./families.ts";

testEachFault([
  ["never arrives", { kind: "drop-request", silenceMs: 50 }],
  ["takes effect, its answer is lost", { kind: "drop-response", silenceMs: 50 }],
]);
