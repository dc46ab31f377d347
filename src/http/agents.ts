/** Agents of Node's HTTP, one for each way to a server: direct or through a proxy, connections kept or not. */
import { X509Certificate } from "node:crypto";
import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { createSecureContext, type SecureContext } from "node:tls";
import { UsageError } from "../model/index.ts";
import { proxyFor, proxyUrl } from "./proxy.ts";
import { trustedRoots } from "./roots.ts";
import type { HttpSettings } from "./settings.ts";

export interface Agents {
  /** `kept`: connections stay open for the next request; `once`: each request has its own. */
  agentFor(url: URL, connections: "kept" | "once"): Promise<Agent>;
  close(): void;
}

const IDLE_CONNECTIONS = 32;
const NO_PROXY_ADDRESS = "a proxy's address is not of the form http://host:port or https://host:port";

export function agentsOf({ ca, proxy: proxySettings = {} }: HttpSettings): Agents {
  const agents = new Map<string, Promise<Agent>>();
  let trust: SecureContext | undefined;
  for (const address of [proxySettings.http, proxySettings.https]) {
    // It isn't repeated: it may hold a password.
    if (address !== undefined && proxyUrl(address) === undefined) throw new UsageError(NO_PROXY_ADDRESS);
  }

  async function makeAgent(tls: boolean, proxy: URL | undefined, keepAlive: boolean): Promise<Agent> {
    const options = { keepAlive, maxFreeSockets: IDLE_CONNECTIONS };
    const secureContext = () => (trust ??= trustOf(ca));
    if (proxy === undefined)
      return tls ? new TlsAgent({ ...options, secureContext: secureContext() }) : new Agent(options);
    if (!tls && proxy.protocol === "http:")
      return new (await import("http-proxy-agent")).HttpProxyAgent(proxy, options);
    const secured = { ...options, secureContext: secureContext() };
    if (!tls) return new (await import("http-proxy-agent")).HttpProxyAgent(proxy, secured);
    const agent = new (await import("https-proxy-agent")).HttpsProxyAgent(proxy, secured);
    // What it is made with counts for the connection to the proxy, these for the one to the server behind it.
    Object.assign(agent.options, { secureContext: secureContext() });
    return agent;
  }

  return {
    agentFor(url, connections) {
      const tls = url.protocol === "https:";
      const proxy = proxyFor(url, proxySettings);
      const way = `${tls} ${proxy?.href} ${connections}`;
      let agent = agents.get(way);
      if (agent === undefined) {
        agent = makeAgent(tls, proxy, connections === "kept");
        agents.set(way, agent);
      }
      return agent;
    },
    close() {
      for (const agent of agents.values()) {
        agent.then(
          (made) => made.destroy(),
          () => {},
        );
      }
      agents.clear();
    },
  };
}

function trustOf(ca: string | undefined): SecureContext {
  const own = ca === undefined ? [] : certificatesOf(ca);
  return createSecureContext({ ca: [...trustedRoots(), ...own], minVersion: "TLSv1.2" });
}

/** Node passes over what is no certificate. */
function certificatesOf(pem: string): readonly string[] {
  const certificates =
    pem.match(/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END [A-Z0-9 ]+-----/g) ?? [];
  try {
    for (const each of certificates) new X509Certificate(each);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`the certificate authorities can't be used: ${reason}`, { cause: error });
  }
  if (certificates.length === 0) {
    throw new UsageError("the certificate authorities can't be used: there is no PEM certificate among them");
  }
  return certificates;
}
