import type { Generation } from "../../model/index.ts";
import type { RecordCodec } from "./codec.ts";

/** The codec of a generation; the generated code behind it is loaded when it is first asked for. */
export async function loadRecordCodec(generation: Generation): Promise<RecordCodec> {
  if (generation === "inline") return (await import("../inline/records.ts")).inlineRecordCodec;
  return (await import("../chunked/records.ts")).chunkedRecordCodec;
}
