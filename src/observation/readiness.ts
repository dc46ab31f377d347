import type { Readiness } from "../dashboard/index.ts";
import type { TokenSource } from "../protocol/index.ts";

/** Ready: the control plane is understood, a token is had where one is needed, and nothing tells us to stop. */
export class WorkerReadiness {
  #phase: "connecting" | "connected" | "draining" = "connecting";
  #token: "not needed" | "none yet" | "had" | "refused" = "not needed";

  connecting(): void {
    if (this.#phase !== "draining") this.#phase = "connecting";
  }

  connected(): void {
    if (this.#phase !== "draining") this.#phase = "connected";
  }

  draining(): void {
    this.#phase = "draining";
  }

  read(): Readiness {
    if (this.#phase === "draining") return { ready: false, reason: "draining" };
    if (this.#phase === "connecting")
      return { ready: false, reason: "the control plane has not answered yet" };
    if (this.#token === "none yet") return { ready: false, reason: "no token has been had yet" };
    if (this.#token === "refused") return { ready: false, reason: "no token can be had, or it was refused" };
    return { ready: true, reason: "ready" };
  }

  /** The tokens, watched: what they are isn't kept. */
  watch(tokens: TokenSource): TokenSource {
    if (this.#token === "not needed") this.#token = "none yet";
    return {
      authorization: async (accountId, signal) => {
        try {
          const authorization = await tokens.authorization(accountId, signal);
          this.#token = "had";
          return authorization;
        } catch (error) {
          // A call that was given up says nothing of the token.
          if (!signal.aborted) this.#token = "refused";
          throw error;
        }
      },
      rejected: (accountId, authorization) => {
        this.#token = "refused";
        tokens.rejected(accountId, authorization);
      },
    };
  }
}
