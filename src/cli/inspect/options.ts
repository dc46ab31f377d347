import { z } from "zod";
import { wholeNumber } from "../options.ts";

export const inspectOptions = z.object({
  pages: z.boolean(),
  /** Rows of each table; 0 shows all. */
  limit: wholeNumber(0),
  json: z.boolean(),
});
export type InspectOptions = z.infer<typeof inspectOptions>;
