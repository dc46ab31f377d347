import type { CallOptions } from "./port.ts";
import type { ControlPlaneConnection, ControlPlaneSettings, JobControlConnection } from "./settings.ts";

/**
 * Connects and detects the generation. Rejects with `UnsupportedServerError` or `ReflectionUnavailableError` for servers
 * that can't be served, with `ControlPlaneError` (of kind `transport`, mostly) for those that can't be reached now.
 */
export async function connectControlPlane(
  settings: ControlPlaneSettings,
  options: CallOptions,
): Promise<ControlPlaneConnection> {
  const { openControlPlane } = await import("./open-control-plane.ts");
  return openControlPlane(settings, options);
}

/** For operators' commands; works against either generation, and nothing is sent until the first call. */
export async function connectJobControl(settings: ControlPlaneSettings): Promise<JobControlConnection> {
  const { openJobControl } = await import("./open-control-plane.ts");
  return openJobControl(settings);
}
