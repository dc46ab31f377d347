/** How commands reach the embedded control plane's own service: by the settings by which a worker finds it. */
import type { Settings } from "../config/index.ts";
import { type AdminClient, connectAdmin } from "../control-plane/client.ts";
import type { ControlPlaneSettings } from "../protocol/index.ts";
import { chooseConnection } from "./connection.ts";
import { commandSettings } from "./setting-options.ts";

export interface Admin {
  readonly client: AdminClient;
  /** For the calls that Floecat's control plane has too. */
  readonly controlPlane: ControlPlaneSettings;
}

export async function adminOf(rawOptions: Readonly<Record<string, unknown>>): Promise<Admin> {
  const { settings } = await commandSettings(rawOptions, ADMIN_SETTINGS);
  const { controlPlane } = chooseConnection(settings);
  const { url, tls, tokens, tokenHeader = "authorization" } = controlPlane;
  const headers = async (signal: AbortSignal) => {
    const token = tokenHeader === "" ? undefined : await tokens?.authorization("", signal);
    return token === undefined ? {} : { [tokenHeader]: token };
  };
  return { client: connectAdmin(url, { headers, tls }), controlPlane };
}

/** Groups of settings whose flags these commands take. */
const ADMIN_SETTINGS: readonly (keyof Settings)[] = ["connection", "auth"];
