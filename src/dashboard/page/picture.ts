import type { Band, ColumnPicture } from "../picture/column-picture.ts";
import { h, svg, table } from "./dom.ts";
import { bytes, count } from "./format.ts";

const HEIGHT = 320;
const PADDING = 6;
/** A band of one value must still be seen. */
const LEAST_HEIGHT = 3;
const TABLE_ROWS = 200;

/**
 * Pages from left to right as they lie in the file, each as wide as it has rows, each a band from its minimum up to its maximum.
 * The slider below goes from page to page and says each in words, by keyboard and for screen readers too.
 */
export function pictureView(picture: ColumnPicture): HTMLElement {
  const bands = new BandDrawing(picture);
  const slider = h("input", {
    type: "range",
    min: 0,
    max: Math.max(0, picture.bands.length - 1),
    value: 0,
    "aria-label": `Page of ${picture.name}`,
  });
  const words = h("output", { "aria-live": "polite" });
  const show = (at: number) => {
    const band = picture.bands[at];
    if (band === undefined) return;
    slider.value = String(at);
    slider.setAttribute("aria-valuetext", inWords(picture, band));
    words.textContent = inWords(picture, band);
    bands.point(at);
  };
  slider.addEventListener("input", () => show(Number(slider.value)));
  bands.element.addEventListener("pointermove", (event) => show(bands.bandAt(event.offsetX)));
  bands.element.addEventListener("pointerdown", (event) => show(bands.bandAt(event.offsetX)));
  show(
    Math.max(
      0,
      picture.bands.findIndex(({ kept }) => kept === true),
    ),
  );
  return h(
    "section",
    { "aria-label": `Pages of ${picture.name}` },
    h("h2", {}, `${picture.name} `, h("span", { class: "quiet" }, picture.type)),
    h(
      "p",
      { class: "ends" },
      h("span", {}, `${picture.scale === "rank" ? "last" : "largest"}: ${picture.high}`),
    ),
    h("figure", { class: "picture" }, bands.element),
    h(
      "p",
      { class: "ends" },
      h("span", {}, `${picture.scale === "rank" ? "first" : "smallest"}: ${picture.low}`),
      h("span", {}, `${count(picture.rowCount)} rows →`),
    ),
    legend(picture),
    slider,
    words,
    bandTable(picture),
  );
}

export function clusteringText({ clustering }: { readonly clustering: number | null }): string {
  return clustering === null ? "–" : clustering.toFixed(2);
}

function inWords(picture: ColumnPicture, band: Band): string {
  const what =
    picture.pagesPerBand > 1
      ? `${picture.pagesPerBand} pages from page ${band.page} of row group ${band.rowGroup} on`
      : `Page ${band.page} of row group ${band.rowGroup}`;
  const values =
    band.range === null
      ? "no values that are known"
      : band.range.min === band.range.max
        ? `all ${band.range.min}`
        : `from ${band.range.min} to ${band.range.max}`;
  const fate = band.kept === null ? "" : band.kept ? "; the filter leaves it" : "; the filter skips it";
  const last = band.firstRow + band.rows - 1;
  return `${what}, rows ${count(band.firstRow)} to ${count(last)}, ${bytes(band.bytes)} at offset ${count(band.offset)}: ${values}${fate}.`;
}

function summaryText(picture: ColumnPicture): string {
  const { pages, keptPages } = picture;
  const clustered =
    picture.clustering === null
      ? ""
      : ` Clustering ${clusteringText(picture)} (1: no two pages overlap, 0: all do).`;
  const left = keptPages === null ? "" : ` The filter leaves ${count(keptPages)} of them.`;
  return `${count(pages)} pages of ${picture.name}, values from ${picture.low} to ${picture.high}.${clustered}${left}`;
}

function legend(picture: ColumnPicture): HTMLElement {
  const swatch = (className: string) =>
    svg(
      "svg",
      { viewBox: "0 0 18 12", "aria-hidden": "true" },
      className === "bands-empty"
        ? svg("line", { class: className, x1: 1, x2: 17, y1: 10, y2: 10 })
        : svg("rect", { class: className, x: 1, y: 2, width: 16, height: 8 }),
    );
  const isFiltered = picture.keptPages !== null;
  const entries: [string, string][] = [
    ["bands-kept", isFiltered ? "left by the filter" : "values of a page, minimum to maximum"],
  ];
  if (isFiltered) entries.push(["bands-skipped", "skipped"]);
  if (picture.bands.some(({ range }) => range === null)) entries.push(["bands-empty", "no known values"]);
  return h("ul", { class: "legend" }, ...entries.map(([name, words]) => h("li", {}, swatch(name), words)));
}

function bandTable(picture: ColumnPicture): HTMLElement {
  const columns = [
    { title: "row group" },
    { title: "page", className: "number" },
    { title: "rows", className: "number" },
    { title: "bytes", className: "number" },
    { title: "minimum" },
    { title: "maximum" },
    ...(picture.keptPages === null ? [] : [{ title: "filter" }]),
  ];
  const shown = picture.bands.slice(0, TABLE_ROWS);
  const rows = shown.map((band) => [
    String(band.rowGroup),
    String(band.page),
    count(band.rows),
    bytes(band.bytes),
    band.range?.min ?? "–",
    band.range?.max ?? "–",
    ...(band.kept === null ? [] : [band.kept ? "left" : "skipped"]),
  ]);
  const more = picture.bands.length - shown.length;
  return h(
    "details",
    { "data-key": "bands" },
    h("summary", {}, "Pages as a table"),
    table(`Pages of ${picture.name}`, columns, rows),
    more === 0
      ? undefined
      : h("p", { class: "quiet" }, `… and ${count(more)} more: floecat-capture inspect lists them all.`),
  );
}

/** Drawn to the pixels that it has, again whenever these change. */
class BandDrawing {
  readonly element: SVGSVGElement;
  readonly #picture: ColumnPicture;
  readonly #cursor = svg("rect", { class: "cursor" });
  #pointed = 0;

  constructor(picture: ColumnPicture) {
    this.#picture = picture;
    this.element = svg("svg", {
      role: "img",
      "aria-label": summaryText(picture),
      height: HEIGHT,
      preserveAspectRatio: "none",
    });
    new ResizeObserver(() => this.#draw()).observe(this.element);
  }

  point(at: number): void {
    this.#pointed = at;
    this.#placeCursor();
  }

  /** The band at so many pixels from the left. */
  bandAt(x: number): number {
    const row = (x / Math.max(1, this.#width())) * this.#picture.rowCount;
    const after = this.#picture.bands.findIndex(({ firstRow, rows }) => row < firstRow + rows);
    return after < 0 ? this.#picture.bands.length - 1 : after;
  }

  #width(): number {
    return this.element.clientWidth || 600;
  }

  #box({ firstRow, rows, range }: Band) {
    const scale = this.#width() / Math.max(1, this.#picture.rowCount);
    const usable = HEIGHT - 2 * PADDING;
    const width = Math.max(1, rows * scale - (rows * scale > 4 ? 1 : 0));
    const { bottom, top } = range ?? { bottom: 0, top: 0 };
    const height = Math.max(LEAST_HEIGHT, (top - bottom) * usable);
    const y = Math.min(HEIGHT - PADDING - height, PADDING + (1 - top) * usable);
    return { x: firstRow * scale, y: Math.max(PADDING, y), width, height };
  }

  #draw(): void {
    const paths = { kept: "", skipped: "", empty: "" };
    for (const band of this.#picture.bands) {
      const { x, y, width, height } = this.#box(band);
      if (band.range === null) paths.empty += `M${x},${HEIGHT - 2}h${width}`;
      else if (band.kept === false) {
        paths.skipped += `M${x + 0.5},${y + 0.5}h${Math.max(0.1, width - 1)}v${height - 1}h${-Math.max(0.1, width - 1)}z`;
      } else paths.kept += `M${x},${y}h${width}v${height}h${-width}z`;
    }
    const scale = this.#width() / Math.max(1, this.#picture.rowCount);
    const groups = this.#picture.rowGroups
      .slice(1)
      .map((firstRow) => `M${firstRow * scale},0V${HEIGHT}`)
      .join("");
    this.element.setAttribute("viewBox", `0 0 ${this.#width()} ${HEIGHT}`);
    this.element.replaceChildren(
      svg("path", { class: "row-group", d: groups }),
      svg("path", { class: "bands-skipped", d: paths.skipped }),
      svg("path", { class: "bands-kept", d: paths.kept }),
      svg("path", { class: "bands-empty", d: paths.empty }),
      this.#cursor,
    );
    this.#placeCursor();
  }

  #placeCursor(): void {
    const band = this.#picture.bands[this.#pointed];
    if (band === undefined) return;
    const { x, y, width, height } = this.#box(band);
    const box = { x: x - 1, y: y - 2, width: Math.max(3, width + 2), height: height + 4 };
    for (const [name, value] of Object.entries(box)) this.#cursor.setAttribute(name, String(value));
  }
}
