/**
 * Metrics in memory: families of counters, gauges and histograms, each with a fixed set of label names, read as a whole when
 * somebody asks. Label values come from small fixed sets (outcomes, calls, status codes), never from jobs, tables or paths; a
 * family that is used otherwise stops growing at a bound.
 */
export type MetricKind = "counter" | "gauge" | "histogram";

export interface MetricFamily {
  /** Prometheus name, with its unit. */
  readonly name: string;
  readonly help: string;
  readonly kind: MetricKind;
  /** Names of the labels that its samples carry. */
  readonly labels: readonly string[];
  readonly samples: readonly Sample[];
}

export type Labels = Readonly<Record<string, string>>;

export type Sample =
  | { readonly kind: "value"; readonly labels: Labels; readonly value: number }
  | {
      readonly kind: "distribution";
      readonly labels: Labels;
      /** Upper ends of the buckets, ascending; the last bucket has none. */
      readonly bounds: readonly number[];
      /** Observations in each bucket, one more than `bounds`. */
      readonly counts: readonly number[];
      readonly sum: number;
    };

export interface Counter {
  add(amount: number, labels?: Labels): void;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** Seconds, from a quick call to a group of many large files. */
export const DURATION_BOUNDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300,
] as const;

/** Combinations of label values that one family keeps. */
const MAX_SERIES = 500;

export class MetricRegistry {
  readonly #families = new Map<string, { definition: Definition; kind: MetricKind; read: () => Sample[] }>();
  readonly #refreshers: (() => void)[] = [];

  counter(definition: Definition): Counter {
    const series = new Series(definition, () => ({ value: 0 }));
    this.#register(definition, "counter", () =>
      series.read((labels, { value }) => ({ kind: "value", labels, value })),
    );
    return {
      add(amount, labels = {}) {
        const cell = series.at(labels);
        // A counter never falls.
        if (cell !== undefined && amount > 0) cell.value += amount;
      },
    };
  }

  gauge(definition: Definition): Gauge {
    const series = new Series(definition, () => ({ value: 0 }));
    this.#register(definition, "gauge", () =>
      series.read((labels, { value }) => ({ kind: "value", labels, value })),
    );
    return {
      set(value, labels = {}) {
        const cell = series.at(labels);
        if (cell !== undefined) cell.value = value;
      },
    };
  }

  /** A counter that is kept elsewhere and looked up. */
  total(definition: Definition): Gauge {
    const series = new Series(definition, () => ({ value: 0 }));
    this.#register(definition, "counter", () =>
      series.read((labels, { value }) => ({ kind: "value", labels, value })),
    );
    return {
      set(value) {
        const cell = series.at({});
        if (cell !== undefined) cell.value = value;
      },
    };
  }

  histogram(definition: Definition & { readonly bounds?: readonly number[] }): Histogram {
    const bounds = definition.bounds ?? DURATION_BOUNDS;
    const series = new Series(definition, () => ({
      counts: new Array<number>(bounds.length + 1).fill(0),
      sum: 0,
    }));
    this.#register(definition, "histogram", () =>
      series.read((labels, { counts, sum }) => ({
        kind: "distribution",
        labels,
        bounds,
        counts: [...counts],
        sum,
      })),
    );
    return {
      observe(value, labels = {}) {
        const cell = series.at(labels);
        if (cell === undefined || !Number.isFinite(value)) return;
        const bucket = bounds.findIndex((bound) => value <= bound);
        const at = bucket < 0 ? bounds.length : bucket;
        cell.counts[at] = (cell.counts[at] ?? 0) + 1;
        cell.sum += value;
      },
    };
  }

  /** Called before each reading, for gauges that are looked up rather than counted. */
  onRead(refresh: () => void): void {
    this.#refreshers.push(refresh);
  }

  read(): MetricFamily[] {
    for (const refresh of this.#refreshers) refresh();
    return [...this.#families.values()].map(({ definition, kind, read }) => ({
      name: definition.name,
      help: definition.help,
      kind,
      labels: definition.labels ?? [],
      samples: read(),
    }));
  }

  #register(definition: Definition, kind: MetricKind, read: () => Sample[]): void {
    if (!/^[a-z][a-z0-9_]*$/.test(definition.name)) throw new Error(`metric name ${definition.name}`);
    if (this.#families.has(definition.name)) throw new Error(`metric ${definition.name} is defined twice`);
    this.#families.set(definition.name, { definition, kind, read });
  }
}

class Series<Cell> {
  readonly #cells = new Map<string, { readonly labels: Labels; readonly cell: Cell }>();
  readonly #names: readonly string[];
  readonly #empty: () => Cell;

  constructor({ labels = [] }: Definition, empty: () => Cell) {
    this.#names = labels;
    this.#empty = empty;
    // Without labels the one series is there from the start, so that rates have a zero to begin from.
    if (labels.length === 0) this.at({});
  }

  at(labels: Labels): Cell | undefined {
    const values = this.#names.map((name) => labels[name] ?? "");
    const key = values.join("\u0000");
    const known = this.#cells.get(key);
    if (known !== undefined) return known.cell;
    if (this.#cells.size >= MAX_SERIES) return undefined;
    const cell = this.#empty();
    this.#cells.set(key, {
      labels: Object.fromEntries(this.#names.map((name, i) => [name, values[i] ?? ""])),
      cell,
    });
    return cell;
  }

  read(sample: (labels: Labels, cell: Cell) => Sample): Sample[] {
    return [...this.#cells.values()].map(({ labels, cell }) => sample(labels, cell));
  }
}
