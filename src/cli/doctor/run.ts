import { resolve } from "node:path";
import { z } from "zod";
import { captureResources } from "../../capture/index.ts";
import { controlPlaneUrl, readEnvironment, readTlsFiles, type Settings } from "../../config/index.ts";
import { systemClock, UsageError } from "../../model/index.ts";
import { toPlannedPath } from "../../storage/index.ts";
import { chooseConnection } from "../connection.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruption.ts";
import { parseOptions, wholeNumber } from "../options.ts";
import { commandSettings } from "../setting-options.ts";
import { commandStore } from "../storage.ts";
import { printable } from "../terminal/format.ts";
import { print } from "../terminal/print.ts";
import { type CheckResult, type Finding, failed, ok, reasonOf, skipped, warning } from "./check.ts";
import { checkControlPlane } from "./control-plane.ts";
import { checkMemory, checkNode, checkThreads } from "./machine.ts";
import { checkHttp2, checkName, checkTcp, checkTls, type Endpoint } from "./network.ts";
import { checkStorage } from "./storage.ts";
import { checkToken } from "./token.ts";

const doctorOptions = z.object({
  storage: z.string().min(1).optional(),
  timeout: wholeNumber(1),
  json: z.boolean(),
});

type Report = (check: string, finding: Finding) => Finding;

/**
 * `floecat-capture doctor`: one line a check, told as they end. What can't be checked because something before it failed is
 * skipped, so that the first failure is the one to mend.
 */
export async function runDoctor(rawOptions: Readonly<Record<string, unknown>>): Promise<ExitCode> {
  const options = parseOptions(doctorOptions, rawOptions);
  const results: CheckResult[] = [];
  const report: Report = (check, finding) => {
    results.push({ check, ...finding });
    if (!options.json) print(renderFinding({ check, ...finding }));
    return finding;
  };
  const interruption = interruptible();
  const patience = () => AbortSignal.any([interruption.signal, AbortSignal.timeout(options.timeout * 1000)]);
  try {
    const { settings, origins, warnings } = await commandSettings(rawOptions, FLAG_GROUPS);
    const given = origins.filter(({ from }) => from !== "default" && from !== "unset").length;
    report(
      "settings",
      warnings.length === 0
        ? ok(`${given} of ${origins.length} set (floecat-capture config lists them)`)
        : warning(warnings.join("; "), "correct or remove them"),
    );
    await checkMachine(settings, report);
    await checkConnection(settings, report, patience, options.timeout * 1000);
    report("storage", await checkStorage(plannedPath(options.storage), commandStore(settings), patience()));
  } catch (error) {
    if (interruption.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    interruption.release();
  }
  if (options.json) print(JSON.stringify(results));
  return results.some(({ status }) => status === "failed") ? EXIT.failed : EXIT.done;
}

const FLAG_GROUPS = ["connection", "auth", "worker", "capture", "storage"] as const;

async function checkMachine({ capture }: Settings, report: Report): Promise<void> {
  const environment = readEnvironment();
  report("node", checkNode(process.versions.node));
  try {
    const { threads, memory } = captureResources(capture, environment);
    report("threads", await checkThreads(threads));
    report("memory", checkMemory(environment.memoryBytes, memory.maxMemoryBytes));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    report("memory", failed(error.message, "set either of them"));
  }
}

async function checkConnection(
  settings: Settings,
  report: Report,
  patience: () => AbortSignal,
  timeoutMs: number,
): Promise<void> {
  const endpoint: Endpoint = {
    url: new URL(controlPlaneUrl(settings.connection)),
    tls: readTlsFiles(settings.connection),
  };
  const reachable = await inOrder(report, [
    ["DNS", () => checkName(endpoint)],
    ["TCP", () => checkTcp(endpoint, patience())],
    ["TLS", () => checkTls(endpoint, systemClock.nowMs(), patience())],
    ["HTTP/2", () => checkHttp2(endpoint, patience())],
  ]);
  const { controlPlane } = chooseConnection(settings);
  const { token, clock } = await checkToken(controlPlane.tokens, systemClock.nowMs(), patience());
  report("token", token);
  report("clock", clock ?? skipped("a token with its time of issue is needed to compare with"));
  if (!reachable) {
    report("handshake", skipped("the control plane can't be reached"));
    report("permission", skipped("the control plane can't be reached"));
    return;
  }
  const found = await checkControlPlane(controlPlane, { signal: patience(), timeoutMs });
  report("handshake", found.handshake);
  report("permission", found.permission);
}

/** Each only if those before it are in order. */
async function inOrder(
  report: Report,
  checks: readonly (readonly [string, () => Promise<Finding>])[],
): Promise<boolean> {
  let broken: string | undefined;
  for (const [name, check] of checks) {
    if (broken !== undefined) {
      report(name, skipped(`${broken} failed`));
      continue;
    }
    const finding = await check().catch((error: unknown) => failed(reasonOf(error), "try again"));
    if (report(name, finding).status === "failed") broken = name;
  }
  return broken === undefined;
}

/** What this machine may read with its own credentials. */
function plannedPath(uri: string | undefined): string | undefined {
  return uri === undefined || /^[a-z][a-z0-9+.-]*:/i.test(uri) ? uri : toPlannedPath(resolve(uri));
}

function renderFinding({ check, status, found, next }: CheckResult): string {
  const line = `${status.padEnd(8)} ${check.padEnd(10)}  ${printable(found)}`;
  return next === undefined ? line : `${line}\n${" ".repeat(21)}→ ${printable(next)}`;
}
