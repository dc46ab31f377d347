import { type DoubleServer, json, serve } from "./http-server.ts";
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
}): Promise<DoubleServer> {
  let throttled = options.throttled ?? 0;
  return await serve((request) => {
    const fail = (status: number, type: string, message: string) =>
      json({ __type: type, Message: message }, status);
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
