import { UsageError } from "../model/index.ts";
import type { Settings } from "./settings/index.ts";

/**
 * Address of the control plane (03 §2): as it is given whole, else of host, port and plain-text. Both hosts empty is an
 * error, in the reference's words (03 T18).
 */
export function controlPlaneUrl({ url, host, sharedHost, port, plainText }: Settings["connection"]): string {
  if (url !== undefined) return url;
  const name = host ?? sharedHost;
  if (name === "") throw new UsageError("Worker-control gRPC host must be configured");
  const authority = name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
  const address = `${plainText ? "http" : "https"}://${authority}:${port}`;
  if (!URL.canParse(address))
    throw new UsageError(`control plane host ${JSON.stringify(name)} is no host name`);
  return address;
}
