import { availableParallelism } from "node:os";

/**
 * What the process environment says, read here and nowhere else.
 */
export interface Environment {
  /** `NO_COLOR` (no-color.org): any non-empty value turns colours off. */
  readonly noColor: boolean;
  /** Logical processors this process may use. */
  readonly availableParallelism: number;
  /** Every variable, for `loadSettings`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  return {
    noColor: (env.NO_COLOR ?? "") !== "",
    availableParallelism: availableParallelism(),
    variables: env,
  };
}
