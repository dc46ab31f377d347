import { type Clock, type FileGroup, type SourceConnector, SourceMissingError } from "../model/index.ts";
import {
  ControlPlaneError,
  type CredentialVending,
  type VendedStorage,
  type VendingRequest,
} from "../protocol/index.ts";
import { icebergSource, lookupLocation } from "./location.ts";
import { type Merged, mergeChunked, mergeClientSafe, mergeInline, withoutForeignHandles } from "./merge.ts";
import { type RenewingCredentials, renewingCredentials } from "./renewing.ts";

/**
 * Asks for the storage credentials of a leased group, once, before its source is opened (08 §3), and says what follows from
 * each answer (08 §3.4): the connector as its table is to be opened.
 */
export interface ResolvedStorage {
  readonly connector: SourceConnector;
  /** The connector's own options, from which the catalog's identity comes (decision 24). */
  readonly ownOptions: Readonly<Record<string, string>>;
  /** Vended keys that end: to be held for as long as the capture runs. */
  readonly renewing: RenewingCredentials | undefined;
}

export interface VendingContext {
  /** Undefined: the server has no such method. */
  readonly vending: CredentialVending | undefined;
  readonly lease: { readonly jobId: string; readonly leaseEpoch: string };
  readonly clock: Pick<Clock, "nowMs">;
  /** Of the capture. */
  readonly signal: AbortSignal;
}

/** The reference has no deadline. */
const VEND_TIMEOUT_MS = 30_000;

export async function resolveStorage(group: FileGroup, context: VendingContext): Promise<ResolvedStorage> {
  const connector = {
    ...group.connector,
    properties: withoutForeignHandles(group.connector.properties),
  };
  const ownOptions = connector.properties;
  const location = lookupLocation(group);
  if (location === undefined) return { connector, ownOptions, renewing: undefined };
  const request: VendingRequest = {
    accountId: connector.resourceId?.accountId ?? "",
    location,
    tableId: group.tableId,
    lease: context.lease,
  };
  const vend = () => vendOnceMore(request, context);
  const merged =
    group.generation === "inline"
      ? await inlineOutcome(connector, vend)
      : await chunkedOutcome(connector, vend);
  const { temporary } = merged;
  return {
    connector: { ...merged.connector, properties: merged.options },
    ownOptions,
    renewing: temporary && renewingCredentials({ first: temporary, vend, clock: context.clock }),
  };
}

type Outcome = Merged & { readonly connector: SourceConnector };
type Vend = () => Promise<VendedStorage | undefined>;

async function chunkedOutcome(connector: SourceConnector, vend: Vend): Promise<Outcome> {
  const vended = await vend().catch((error: unknown) => {
    throw tableIsGone(error) ?? error;
  });
  // No authority: the connector's own credentials (decision 21).
  if (vended === undefined) return unchanged(connector);
  return { connector, ...mergeChunked(connector, vended) };
}

async function inlineOutcome(connector: SourceConnector, vend: Vend): Promise<Outcome> {
  const source = connector.kind === "iceberg" ? icebergSource(connector) : "delta";
  const delegates = source !== "delta" && hasDelegationHint(connector);
  let vended: VendedStorage | undefined;
  try {
    vended = await vend();
  } catch (error) {
    if (source !== "rest" || !(error instanceof ControlPlaneError)) throw error;
  }
  if (vended === undefined) return unchanged(source === "rest" ? withDelegationHint(connector) : connector);
  if (delegates) {
    return { connector, options: mergeClientSafe(connector.properties, vended), temporary: undefined };
  }
  const found =
    source === "rest" && vended.credentials.length === 0 ? withDelegationHint(connector) : connector;
  return { connector: found, ...mergeInline(connector, vended) };
}

function unchanged(connector: SourceConnector): Outcome {
  return { connector, options: connector.properties, temporary: undefined };
}

const DELEGATION = "X-Iceberg-Access-Delegation";

function hasDelegationHint({ auth }: SourceConnector): boolean {
  return Object.keys(auth.headerHints).some((name) => name.toLowerCase() === DELEGATION.toLowerCase());
}

/** The catalog is asked for credentials instead (08 §3.4). */
function withDelegationHint(connector: SourceConnector): SourceConnector {
  if (hasDelegationHint(connector)) return connector;
  const headerHints = { ...connector.auth.headerHints, [DELEGATION]: "vended-credentials" };
  return { ...connector, auth: { ...connector.auth, headerHints } };
}

/** 08 §6: a table that the server doesn't know is TABLE_MISSING. */
function tableIsGone(error: unknown): SourceMissingError | undefined {
  if (!(error instanceof ControlPlaneError) || error.status.code !== "NOT_FOUND") return undefined;
  return new SourceMissingError(error.message, { cause: error });
}

/** One more try where the server was not there; the reference has none. */
async function vendOnceMore(
  request: VendingRequest,
  { vending, signal }: VendingContext,
): Promise<VendedStorage | undefined> {
  const options = { signal, timeoutMs: VEND_TIMEOUT_MS };
  try {
    return await vending?.vend(request, options);
  } catch (error) {
    if (!(error instanceof ControlPlaneError) || error.status.code !== "UNAVAILABLE") throw error;
    return await vending?.vend(request, options);
  }
}
