import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { AccessDeniedError } from "../../model/index.ts";
import type { ReachRules } from "../settings.ts";

/**
 * Server-side request rules: a connector names hosts, and a worker must not be made to ask those that only it can reach.
 * Link-local addresses, where clouds give out machine credentials, are never asked for data, whatever name leads there;
 * an allow-list of schemes and hosts narrows it further.
 */
const linkLocal = new BlockList();
linkLocal.addSubnet("169.254.0.0", 16, "ipv4");
linkLocal.addSubnet("fe80::", 10, "ipv6");
linkLocal.addAddress("fd00:ec2::254", "ipv6");
linkLocal.addAddress("fd20:ce::254", "ipv6");
// The same IPv4 addresses as IPv6 writes them: mapped, and translated (NAT64).
linkLocal.addSubnet("::ffff:169.254.0.0", 112, "ipv6");
linkLocal.addSubnet("64:ff9b::169.254.0.0", 112, "ipv6");

/** The address may not be asked. */
export function isLinkLocal(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && linkLocal.check(address, family === 6 ? "ipv6" : "ipv4");
}

/** Throws if the rules don't let `hostname` be asked; an address in brackets is IPv6. */
export function checkHost(rules: ReachRules | undefined, hostname: string): void {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (isLinkLocal(host)) throw linkLocalError(host, host);
  if (rules?.hosts === undefined || rules.hosts.some((allowed) => isHostOf(host, allowed.toLowerCase())))
    return;
  throw new AccessDeniedError(`the host ${host} is not among those that may be reached`);
}

function isHostOf(host: string, allowed: string): boolean {
  return allowed.startsWith("*.") ? host.endsWith(allowed.slice(1)) : host === allowed;
}

/** Name resolution that refuses link-local answers: the address that is checked is the one that is connected to. */
export const lookupReachable: LookupFunction = (hostname, options, callback) => {
  const all: LookupOptions = { ...options, all: true };
  lookup(hostname, all, (error, found) => {
    if (error !== null) {
      callback(error, "", 0);
      return;
    }
    const addresses: LookupAddress[] = typeof found === "string" ? [] : found;
    const refused = addresses.find(({ address }) => isLinkLocal(address));
    if (refused !== undefined) {
      callback(linkLocalError(hostname, refused.address), "", 0);
      return;
    }
    if (options.all) {
      callback(null, addresses);
      return;
    }
    const [first] = addresses;
    callback(null, first?.address ?? "", first?.family ?? 0);
  });
};

function linkLocalError(host: string, address: string): AccessDeniedError {
  const named = host === address ? address : `${host} (${address})`;
  return new AccessDeniedError(
    `${named} is a link-local address, where clouds give out machine credentials: it is never asked for data`,
  );
}
