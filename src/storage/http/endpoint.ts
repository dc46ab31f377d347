import { TableError } from "../../model/index.ts";
import type { HttpOrigin } from "./transport.ts";

export interface ServiceEndpoint extends HttpOrigin {
  /** What stands in front of every path; no `/` at its end. */
  readonly basePath: string;
}

/** An address of a service in settings called `name`; it isn't repeated in messages, since it may hold a password. */
export function parseServiceEndpoint(text: string, name: string): ServiceEndpoint {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const protocol = url?.protocol;
  if (url === undefined || (protocol !== "http:" && protocol !== "https:") || url.hostname === "") {
    throw new TableError(`${name} is no http:// or https:// URL`);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new TableError(`${name} may hold a host, a port and a path, and nothing else`);
  }
  return {
    protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? undefined : Number(url.port),
    basePath: url.pathname.replace(/\/+$/, ""),
  };
}
