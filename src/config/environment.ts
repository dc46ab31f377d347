import { availableParallelism, homedir, totalmem } from "node:os";
import { join } from "node:path";

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
    memoryBytes: memoryBytes(),
    variables: env,
  };
}

export interface GoogleEnvironment {
  /** `STORAGE_EMULATOR_HOST`, with `http://` if it has no scheme. */
  readonly endpoint: string | undefined;
  /** `GOOGLE_OAUTH_ACCESS_TOKEN`. */
  readonly accessToken: string | undefined;
  /** `GOOGLE_APPLICATION_CREDENTIALS`. */
  readonly credentialsFile: string | undefined;
  /** What `gcloud auth application-default login` writes, below `CLOUDSDK_CONFIG` or the home. */
  readonly wellKnownFile: string;
  /** `GCE_METADATA_HOST`. */
  readonly metadataHost: string | undefined;
}

function googleEnvironment(env: NodeJS.ProcessEnv): GoogleEnvironment {
  const emulator = filled(env.STORAGE_EMULATOR_HOST);
  const home = filled(env.APPDATA) ?? join(homedir(), ".config");
  return {
    endpoint: emulator !== undefined && !emulator.includes("://") ? `http://${emulator}` : emulator,
    accessToken: filled(env.GOOGLE_OAUTH_ACCESS_TOKEN),
    credentialsFile: filled(env.GOOGLE_APPLICATION_CREDENTIALS),
    wellKnownFile: join(
      filled(env.CLOUDSDK_CONFIG) ?? join(home, "gcloud"),
      "application_default_credentials.json",
    ),
    metadataHost: filled(env.GCE_METADATA_HOST),
  };
}

function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value.trim();
}

/** Node gives 0, or more than there is, where nothing limits the process. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
