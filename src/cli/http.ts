import type { Settings } from "../config/index.ts";
import { type Route, type RunningHttp, startHttp } from "../dashboard/index.ts";
import type { Log } from "../telemetry/index.ts";
import { failureDetail } from "../worker/index.ts";

/** The HTTP server of a command, if its settings ask for one. */
export async function serveHttp(
  { listen, token, allowedHosts }: Settings["statusPage"],
  routes: ReadonlyMap<string, Route>,
  log: Log,
): Promise<RunningHttp | undefined> {
  if (listen === undefined) return undefined;
  return await startHttp({
    ...listen,
    token,
    allowedHosts: (allowedHosts ?? "")
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
    routes,
    onDefect: (error) => log.error({ error: failureDetail(error) }, "defect in an HTTP answer"),
  });
}
