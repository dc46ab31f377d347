import { TableError } from "../../model/index.ts";
import type { HttpOrigin } from "../http/transport.ts";
import type { S3Settings } from "../settings.ts";

/** Where an object is: bucket up to the next `/`, everything after it as the literal key (08 §5.2, decision 23). */
export interface S3Location {
  readonly scheme: string;
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
}

export function parseS3Path(path: string): S3Location {
  const match = /^([a-z0-9]+):\/\/([^/]*)(?:\/(.*))?$/s.exec(path);
  const scheme = match?.[1] ?? "";
  const bucket = match?.[2] ?? "";
  // What can stand in no host name and no path segment; AWS's own rule for names is narrower, those of others wider.
  if (bucket === "" || bucket === "." || bucket === ".." || /[\s?#%\\@:]|[^\x21-\x7e]/.test(bucket)) {
    throw new TableError(`${path} names no bucket: s3://bucket/key is needed`);
  }
  return { scheme, bucket, key: match?.[3] ?? "" };
}

/** Percent-encodes every byte of the UTF-8 text but `A-Z a-z 0-9 - . _ ~`, and `/` unless it is asked for. */
export function uriEncode(text: string, { slash = true }: { readonly slash?: boolean } = {}): string {
  if (!text.isWellFormed())
    throw new TableError(`${JSON.stringify(text)} is no valid Unicode and can name no object`);
  const encoded = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return slash ? encoded.replaceAll("%2F", "/") : encoded;
}

export interface S3Address {
  readonly origin: HttpOrigin;
  /** `Host` header. */
  readonly host: string;
  /** Encoded path, without query. */
  readonly path: string;
}

/** Host and path of a request for an object, or for the bucket if the key is empty. */
export function s3Address(
  settings: Pick<S3Settings, "endpoint" | "pathStyle">,
  region: string,
  { bucket, key }: Pick<S3Location, "bucket" | "key">,
): S3Address {
  const endpoint = parseEndpoint(settings.endpoint ?? `https://s3.${region}.${partitionDomain(region)}`);
  // A name with dots fits no wildcard certificate of AWS; one that is no host name, and one in front of an address, none at all.
  const isHostName =
    /^[a-z0-9][a-z0-9-]*$/.test(bucket) ||
    (settings.endpoint !== undefined && /^[a-z0-9][a-z0-9.-]*$/.test(bucket));
  const inPath = settings.pathStyle || !isHostName || endpoint.isAddress;
  const { protocol, hostname, port, basePath } = endpoint;
  const named = inPath ? hostname : `${bucket}.${hostname}`;
  const hostText = named.includes(":") ? `[${named}]` : named;
  const keyPath = `/${uriEncode(key)}`;
  return {
    origin: { protocol, hostname: named, port },
    host: port === undefined ? hostText : `${hostText}:${port}`,
    path: inPath ? `${basePath}/${uriEncode(bucket)}${keyPath}` : `${basePath}${keyPath}`,
  };
}

interface Endpoint extends HttpOrigin {
  readonly basePath: string;
  readonly isAddress: boolean;
}

function parseEndpoint(text: string): Endpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const protocol = url?.protocol;
  if (url === undefined || (protocol !== "http:" && protocol !== "https:") || url.hostname === "") {
    // Not repeated: it may hold a password.
    throw new TableError("s3.endpoint is no http:// or https:// URL");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new TableError("s3.endpoint may hold a host, a port and a path, and nothing else");
  }
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  return {
    protocol,
    hostname,
    port: url.port === "" ? undefined : Number(url.port),
    basePath: url.pathname.replace(/\/+$/, ""),
    isAddress: hostname.includes(":") || /^[\d.]+$/.test(hostname),
  };
}

function partitionDomain(region: string): string {
  if (!/^[a-z0-9-]+$/.test(region)) throw new TableError(`${JSON.stringify(region)} is no region`);
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}
