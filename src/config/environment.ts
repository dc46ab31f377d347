import { availableParallelism } from "node:os";

/**
 * What the process environment says, read here and nowhere else.
 */
export interface Environment {
  /** `NO_COLOR` (no-color.org): any non-empty value turns colours off. */
  readonly noColor: boolean;
  /** Logical processors this process may use. */
  readonly availableParallelism: number;
  /** `AWS_REGION`, and `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`: what a connector may leave open (08 §4.2, §5.4). */
  readonly ambientS3: { readonly region: string | undefined; readonly endpoint: string | undefined };
  /** Every variable, for `loadSettings`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  return {
    noColor: (env.NO_COLOR ?? "") !== "",
    availableParallelism: availableParallelism(),
    ambientS3: {
      region: filled(env.AWS_REGION),
      endpoint: filled(env.AWS_ENDPOINT_URL_S3) ?? filled(env.AWS_ENDPOINT_URL),
    },
    variables: env,
  };
}

function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value.trim();
}
