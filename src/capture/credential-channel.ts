import {
  type AskCredentials,
  type CredentialRequest,
  mainThreadCredentials,
  type RenewableCredentials,
  type S3Credentials,
} from "../storage/index.ts";
import { reviveError, type SerializedError, serializeError } from "./thread-errors.ts";

/**
 * How a capture thread gets credentials that the main thread holds and renews (08 §3.6): it asks through the pool's port, and
 * never speaks with the control plane or the machine itself.
 */
export interface CredentialQuestion {
  readonly type: "credentials-wanted";
  readonly question: number;
  readonly settings: RenewableCredentials;
  /** What the store refused as ended. */
  readonly rejected: CredentialRequest["rejected"];
}

export type CredentialAnswer =
  | {
      readonly type: "credentials";
      readonly question: number;
      readonly ok: true;
      readonly credentials: S3Credentials;
    }
  | {
      readonly type: "credentials";
      readonly question: number;
      readonly ok: false;
      readonly error: SerializedError;
    };

export interface CredentialChannel {
  readonly ask: AskCredentials;
  onAnswer(answer: CredentialAnswer): void;
}

/** The capture thread's end. */
export function createCredentialChannel(send: (question: CredentialQuestion) => void): CredentialChannel {
  const open = new Map<number, PromiseWithResolvers<S3Credentials>>();
  let questions = 0;
  return {
    ask(settings, { rejected }) {
      const question = ++questions;
      const waiting = Promise.withResolvers<S3Credentials>();
      open.set(question, waiting);
      send({ type: "credentials-wanted", question, settings, rejected });
      return waiting.promise;
    },
    onAnswer(answer) {
      const waiting = open.get(answer.question);
      open.delete(answer.question);
      if (answer.ok) waiting?.resolve(answer.credentials);
      else waiting?.reject(reviveError(answer.error));
    },
  };
}

/** The main thread's end. */
export async function answerQuestion(
  { question, settings, rejected }: CredentialQuestion,
  signal: AbortSignal,
  ask: AskCredentials = mainThreadCredentials,
): Promise<CredentialAnswer> {
  try {
    const credentials = await ask(settings, { rejected, signal });
    return { type: "credentials", question, ok: true, credentials };
  } catch (error) {
    return { type: "credentials", question, ok: false, error: serializeError(error) };
  }
}
