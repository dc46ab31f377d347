/**
 * The wire generations (01). The records of one must never be sent to the other, and column ids, widths and sketches
 * differ with it (07 §0), so the generation travels with every capture.
 */
export type Generation = "inline" | "chunked";
