/**
 * Names that nobody reads. Under our own prefix each of them is told; among Floecat's, only what is a letter or two away
 * from a setting of ours: the same file and environment serve its other processes.
 */
import { UsageError } from "../model/index.ts";
import { nearestName } from "./nearest.ts";
import { everySetting } from "./settings/index.ts";
import { environmentName, environmentNames, type SettingNames } from "./settings/setting.ts";

/** Names the settings file. */
export const CONFIG_FILE_VARIABLE = "FLOECAT_CAPTURE_CONFIG";

const OUR_KEYS = "floecat.capture.";
const OUR_VARIABLES = environmentName(OUR_KEYS);
const FLOECAT_VARIABLES = /^(FLOECAT|RECONCILER|QUARKUS_GRPC_CLIENTS_FLOECAT)_/;
/** Keys of the reference's other parts and of its framework. */
const FLOECAT_KEYS = /^(floecat|reconciler|quarkus|mp|smallrye|aws|kafka|otel)\./;
/** More changed letters than this are another name, not a typing error. */
const TYPING_ERRORS = 2;

/** Settings of the reference's worker that mean nothing to ours: it has no planners and no poll tick (decision 5). */
export const WITHOUT_EFFECT: readonly SettingNames[] = [
  { key: "reconciler.pollEvery" },
  { key: "reconciler.reserved-control-slots", env: ["FLOECAT_RECONCILER_RESERVED_CONTROL_SLOTS"] },
  {
    key: "floecat.reconciler.executor.remote-planner.enabled",
    env: ["FLOECAT_RECONCILER_REMOTE_PLANNER_EXECUTOR_ENABLED"],
  },
  {
    key: "floecat.reconciler.executor.remote-snapshot-planner.enabled",
    env: ["FLOECAT_RECONCILER_REMOTE_SNAPSHOT_PLANNER_EXECUTOR_ENABLED"],
  },
  {
    key: "floecat.reconciler.executor.remote-default.enabled",
    env: ["FLOECAT_RECONCILER_REMOTE_DEFAULT_EXECUTOR_ENABLED"],
  },
  {
    key: "floecat.reconciler.executor.snapshot-finalize.enabled",
    env: ["FLOECAT_RECONCILER_SNAPSHOT_FINALIZE_EXECUTOR_ENABLED"],
  },
];

/** One sentence for each, those of the environment first. */
export function unknownNames(
  env: Readonly<Record<string, string | undefined>>,
  properties: ReadonlyMap<string, string>,
  file: string | undefined,
): string[] {
  const known = knownNames();
  return [
    ...Object.keys(env).flatMap((name) => aboutVariable(name, known.variables)),
    ...[...properties.keys()].flatMap((key) => aboutKey(key, known.keys, file ?? "")),
  ];
}

/** A flag that sets nothing is wrong use. */
export function refuseUnknownOverrides(overrides: Readonly<Record<string, string>>): void {
  const known = new Set(everySetting().map(({ info }) => info.key));
  for (const key of Object.keys(overrides)) {
    if (known.has(key)) continue;
    throw new UsageError(`--set ${key}: not a setting${question(meantBy(key, known))}`);
  }
}

function knownNames(): { keys: ReadonlySet<string>; variables: ReadonlySet<string> } {
  const keys = new Set<string>();
  const variables = new Set([CONFIG_FILE_VARIABLE]);
  const add = (names: SettingNames, secret = false) => {
    keys.add(names.key);
    if (secret) keys.add(`${names.key}-file`);
    for (const variable of environmentNames(names)) {
      variables.add(variable);
      if (secret) variables.add(`${variable}_FILE`);
    }
  };
  for (const { info } of everySetting()) {
    add(info, info.secret);
    for (const fallback of info.fallbacks ?? []) add(fallback);
  }
  for (const names of WITHOUT_EFFECT) add(names);
  return { keys, variables };
}

function aboutVariable(name: string, known: ReadonlySet<string>): string[] {
  if (known.has(name) || !FLOECAT_VARIABLES.test(name)) return [];
  const meant = nearestName(name, known, TYPING_ERRORS);
  if (meant === undefined && !name.startsWith(OUR_VARIABLES)) return [];
  return [`environment variable ${name} is not a setting${question(meant)}`];
}

function aboutKey(key: string, known: ReadonlySet<string>, file: string): string[] {
  if (known.has(key)) return [];
  if (key.startsWith("%")) return [`${key} in ${file} is not read: profiles are not supported`];
  const meant = meantBy(key, known);
  if (meant === undefined && FLOECAT_KEYS.test(key) && !key.startsWith(OUR_KEYS)) return [];
  return [`${key} in ${file} is not a setting${question(meant)}`];
}

/** The setting with a name like this one's, or with this one as its last part. */
function meantBy(key: string, known: ReadonlySet<string>): string | undefined {
  return nearestName(key, known, TYPING_ERRORS) ?? [...known].find((each) => each.endsWith(`.${key}`));
}

function question(meant: string | undefined): string {
  return meant === undefined ? "" : `; ${meant} is: was that meant?`;
}
