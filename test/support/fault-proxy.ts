import { type Fault, type FaultProxy, startFaultProxy } from "../../src/control-plane/chaos/index.ts";

/** A call that is to be struck: the `nth` of its method, counted from 1. */
export interface Strike {
  /** Last part of the path, such as `LeaseReconcileJob`. */
  readonly method: string;
  readonly nth: number;
  readonly fault: Fault;
}

/** A proxy in front of a control plane that strikes the calls of a list, and notes what arrived there and how it was answered. */
export interface ScriptedProxy extends AsyncDisposable {
  readonly proxy: FaultProxy;
  /** Methods of the faults that have struck, in order. */
  readonly struck: readonly string[];
  /** `method status` of every call that the control plane answered. */
  readonly answers: readonly string[];
}

export async function scriptedProxy(
  target: string | (() => string),
  strikes: readonly Strike[],
): Promise<ScriptedProxy> {
  const seen = new Map<string, number>();
  const struck: string[] = [];
  const answers: string[] = [];
  const proxy = await startFaultProxy({
    listen: { host: "127.0.0.1", port: 0 },
    target: typeof target === "string" ? () => target : target,
    choose(path) {
      const method = methodOf(path);
      const nth = (seen.get(method) ?? 0) + 1;
      seen.set(method, nth);
      const strike = strikes.find((candidate) => candidate.method === method && candidate.nth === nth);
      return strike?.fault ?? { kind: "pass" };
    },
    onFault: (_fault, path) => struck.push(methodOf(path)),
    onAnswer: (path, status) => answers.push(`${methodOf(path)} ${status}`),
  });
  return { proxy, struck, answers, [Symbol.asyncDispose]: () => proxy.close() };
}

function methodOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
