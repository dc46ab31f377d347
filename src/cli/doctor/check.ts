/** What a check found. `next` says what to do about it; every failure has one. */
export interface Finding {
  readonly status: "ok" | "warning" | "failed" | "skipped";
  readonly found: string;
  readonly next?: string;
}

export interface CheckResult extends Finding {
  readonly check: string;
}

export function ok(found: string): Finding {
  return { status: "ok", found };
}

export function warning(found: string, next: string): Finding {
  return { status: "warning", found, next };
}

export function failed(found: string, next: string): Finding {
  return { status: "failed", found, next };
}

export function skipped(found: string): Finding {
  return { status: "skipped", found };
}

/** Messages of an error and its causes in one line, each once. */
export function reasonOf(error: unknown): string {
  const messages: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const { message } = current;
    // A connection tried at several addresses has no message of its own.
    const text =
      message !== "" ? message : current instanceof AggregateError ? reasonOf(current.errors[0]) : "";
    if (text !== "" && !messages.some((known) => known.includes(text))) messages.push(text);
    current = current.cause;
  }
  return messages.length === 0 ? String(error) : messages.join(": ");
}
