/**
 * Connections for results. A server bounds the calls that are open on one connection, often to 100: were all results that a slow
 * one has yet to take on the same, renewals would wait behind them, and leases be lost. So a connection beside the first is
 * opened for every so many results that wait (03 §7.1, §10).
 */
import type { Transport } from "@connectrpc/connect";
import type { OnConfirmedServer, SubmitOver } from "./calls/adapter.ts";

/** One connection, with the check that the server behind it is the one that was seen. */
export interface Lane {
  readonly transport: Transport;
  readonly onConfirmedServer: OnConfirmedServer;
  close(): void;
}

/** Results on the first connection, which has to have room for every other call. */
const RESULTS_BESIDE_CALLS = 16;
/** On each further one. */
const RESULTS_A_LANE = 64;

export interface SubmissionLanes {
  readonly submitOver: SubmitOver;
  /** Closes what it has opened. */
  close(): void;
}

/** `open` makes a connection that is connected when it is first used. */
export function submissionLanes(first: Lane, open: () => Lane): SubmissionLanes {
  const lanes = [{ lane: first, room: RESULTS_BESIDE_CALLS, open: 0 }];

  function roomiest() {
    const found = lanes.find((each) => each.open < each.room);
    if (found !== undefined) return found;
    const opened = { lane: open(), room: RESULTS_A_LANE, open: 0 };
    lanes.push(opened);
    return opened;
  }

  return {
    async submitOver(options, run) {
      const chosen = roomiest();
      const { transport, onConfirmedServer } = chosen.lane;
      chosen.open += 1;
      try {
        return await onConfirmedServer("submitLeasedFileGroupExecutionResult", options, () => run(transport));
      } finally {
        chosen.open -= 1;
      }
    },
    close() {
      for (const { lane } of lanes.slice(1)) lane.close();
    },
  };
}
