/** Calls that come late, crawl, or come twice (02 §4.2, §6, §12.3). */
import { testEachFault } from "./families.ts";
import { LEASE_MS, SPEED } from "./struck-table.ts";

testEachFault([
  ["arrives after its lease has run out", { kind: "delay", ms: (LEASE_MS / SPEED) * 1.5 }],
  ["crawls", { kind: "trickle", bytes: 200, pauseMs: 2 }],
  ["arrives twice", { kind: "duplicate" }],
]);
