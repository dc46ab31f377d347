import { type Answer, type DoubleServer, json, type SeenRequest, serve } from "./http-server.ts";
import { type Signer, signatureFault } from "./sigv4.ts";

export interface GlueEntry {
  readonly location?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The Glue API as far as readers ask it: `GetTable` in JSON 1.1, its signature checked. */
export async function startGlue(options: {
  readonly signer: Omit<Signer, "service">;
  /** By `database.table`. */
  readonly tables: Readonly<Record<string, GlueEntry>>;
  /** Answers so many times with throttling before anything else. */
  readonly throttled?: number;
  /** Where requests below `/iceberg` are answered: another server, since Glue has both at one address. */
  readonly rest?: string;
}): Promise<DoubleServer> {
  let throttled = options.throttled ?? 0;
  return await serve(async (request) => {
    const fail = (status: number, type: string, message: string) =>
      json({ __type: type, Message: message }, status);
    if (request.path.startsWith("/iceberg/")) return await passedOn(request, options.rest ?? "");
    if (throttled-- > 0) return fail(503, "ThrottlingException", "slow down");
    const fault = signatureFault(request, request.query.toString(), { ...options.signer, service: "glue" });
    if (fault === "unknown access key") return fail(400, "UnrecognizedClientException", fault);
    if (fault !== undefined) return fail(403, "com.amazonaws.glue#SignatureDoesNotMatch", fault);
    const isGetTable =
      request.method === "POST" &&
      request.path === "/" &&
      request.headers["x-amz-target"] === "AWSGlue.GetTable" &&
      request.headers["content-type"] === "application/x-amz-json-1.1";
    if (!isGetTable) return fail(400, "UnknownOperationException", request.path);
    const { DatabaseName: database, Name: name } = JSON.parse(request.body);
    const entry = options.tables[`${database}.${name}`];
    if (entry === undefined)
      return fail(400, "EntityNotFoundException", `Entity Not Found: ${database}.${name}`);
    return json({
      Table: {
        Name: name,
        DatabaseName: database,
        ...(entry.location !== undefined && { StorageDescriptor: { Location: entry.location, Columns: [] } }),
        Parameters: entry.parameters ?? {},
      },
    });
  });
}

/** The signature is of this address: it is checked against the name that the client used. */
async function passedOn({ method, path, query, headers }: SeenRequest, origin: string): Promise<Answer> {
  const { host, ...others } = headers;
  const sent = Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)]));
  const { connection: _, ...passed } = sent;
  const search = query.size === 0 ? "" : `?${query}`;
  const answer = await fetch(`${origin}${path}${search}`, {
    method,
    headers: { ...passed, "x-signed-host": String(host) },
  });
  return { status: answer.status, body: await answer.text() };
}
