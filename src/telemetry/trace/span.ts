/** A finished span in the terms of OpenTelemetry. Attribute values are never secret, and few and short. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for the root. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** Wall clock. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  /** What went wrong; undefined for a span that ended well. */
  readonly error: string | undefined;
}

export type SpanKind = "internal" | "client" | "consumer";

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanSink {
  add(span: Span): void;
}
