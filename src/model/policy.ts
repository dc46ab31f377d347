/** What to do about a page whose checksum does not match (decision 41). */
export type CrcMode = "error" | "warn" | "off";

/** What a capture is asked to produce (`CaptureOutput`, 01 §4.1). */
export type CaptureOutput = "table" | "file" | "column" | "page-index";

/** Which columns are taken besides the explicit selectors (`DefaultColumnScope`, 01 §4.1). Unknown reads as `first-n`. */
export type DefaultColumnScope = "first-n" | "all" | "explicit-only";

/** `max_default_columns` when the policy gives none (05 §2). */
export const DEFAULT_MAX_COLUMNS = 32;

export interface CaptureColumnPolicy {
  /** Column name, physical path (page index) or `#<column id>`; as sent, untrimmed. */
  readonly selector: string;
  readonly captureStats: boolean;
  readonly captureIndex: boolean;
}

/** What the control plane, or the command line, asks of one file group (01 §4.2, 03 §8). */
export interface CapturePolicy {
  readonly columns: readonly CaptureColumnPolicy[];
  readonly outputs: ReadonlySet<CaptureOutput>;
  readonly defaultColumnScope: DefaultColumnScope;
  /** 1 or more; the adapters have already put 32 in place of 0 or of a value past 2³¹−1. */
  readonly maxDefaultColumns: number;
  /** Engine options: kept and passed on, never read (decision 40). */
  readonly properties: Readonly<Record<string, string>>;
}
