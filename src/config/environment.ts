import { availableParallelism, totalmem } from "node:os";
import {
  type AzureEnvironment,
  azureEnvironment,
  type GoogleEnvironment,
  googleEnvironment,
} from "./clouds.ts";
import { filled } from "./filled.ts";

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
  /** What Google's own tools go by. */
  readonly google: GoogleEnvironment;
  /** What other tools for Azure go by. */
  readonly azure: AzureEnvironment;
  /** Of the machine, or of the container if it has a limit below that. */
  readonly memoryBytes: number;
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
    google: googleEnvironment(env),
    azure: azureEnvironment(env),
    memoryBytes: memoryBytes(),
    variables: env,
  };
}

/** Node gives 0, or more than there is, where nothing limits the process. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
