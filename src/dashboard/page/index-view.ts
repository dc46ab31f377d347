import type { ColumnSummary } from "../picture/column-picture.ts";
import type { PruningPower, Share } from "../picture/pruning-power.ts";
import type { IndexedTable } from "../picture/source.ts";
import { api, type FileView, RefusedError, type TableView } from "./api.ts";
import { type Child, h, table } from "./dom.ts";
import { bytes, count, fileName, percent } from "./format.ts";
import { clusteringText, pictureView } from "./picture.ts";
import { type Place, readPlace, writePlace } from "./place.ts";

/**
 * The page-index picture: choose table, file and column, type a filter. What is chosen stands in the address, so that it can be
 * kept and sent. Answers that come late, after something else was chosen, are dropped.
 */
export class IndexView {
  readonly elements: readonly HTMLElement[];
  readonly #tables: readonly IndexedTable[];
  readonly #choices = h("div", { class: "choices" });
  readonly #said = h("div", { role: "status" });
  readonly #columns = h("section", { "aria-label": "Columns" });
  readonly #picture = h("div", {});
  #place: Place;
  #turn = 0;

  constructor(tables: readonly IndexedTable[]) {
    this.#tables = tables;
    const [first] = tables;
    const asked = readPlace();
    this.#place = tables.some(({ key }) => key === asked.table)
      ? asked
      : { ...asked, table: first?.key ?? "", file: 0 };
    this.elements = [
      h("h1", {}, "Page index of a captured table"),
      h("section", { "aria-label": "Choice" }, this.#choices, this.#filterForm(), this.#said),
      h("div", { class: "index" }, this.#columns, this.#picture),
    ];
    void this.#showTable();
  }

  #filterForm(): HTMLElement {
    const input = h("input", {
      type: "text",
      name: "filter",
      value: this.#place.filter,
      spellcheck: "false",
      autocapitalize: "off",
      autocomplete: "off",
      placeholder: "column >= '2026-03-01' AND other < 5",
      "aria-describedby": "filter-help",
    });
    const clear = h("button", { type: "button" }, "Clear");
    const form = h(
      "form",
      {},
      h("label", {}, "Filter, as in SQL's WHERE", input),
      h("button", { type: "submit", class: "main" }, "Show what it skips"),
      clear,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#go({ ...this.#place, filter: input.value.trim() });
    });
    clear.addEventListener("click", () => {
      input.value = "";
      void this.#go({ ...this.#place, filter: "" });
    });
    const help = h(
      "p",
      { id: "filter-help", class: "quiet" },
      "=, <>, <, <=, >, >=, BETWEEN, IN, LIKE, IS NULL, AND, OR, NOT; texts and dates in single quotes.",
    );
    return h("div", {}, form, help);
  }

  async #showTable(from = 0): Promise<void> {
    const turn = ++this.#turn;
    await this.#guarded(turn, async () => {
      const view = await api.table(this.#place.table, from);
      if (turn !== this.#turn) return;
      this.#drawChoices(view, from);
      await this.#showFile(turn);
    });
  }

  #drawChoices(view: TableView, from: number): void {
    const tables = select(
      this.#tables.map(({ key, name, snapshotId }) => ({
        value: key,
        text: snapshotId === "" ? name : `${name}, snapshot ${snapshotId}`,
      })),
      this.#place.table,
    );
    tables.addEventListener("change", () => {
      this.#place = { ...this.#place, table: tables.value, file: 0, column: "" };
      void this.#showTable();
    });
    const files = select(
      view.files.map(({ file, path }) => ({ value: String(file), text: fileName(path) })),
      String(this.#place.file),
    );
    files.addEventListener("change", () => void this.#go({ ...this.#place, file: Number(files.value) }));
    const page = (title: string, start: number, isThere: boolean) => {
      const button = h("button", { type: "button", disabled: !isThere }, title);
      button.addEventListener("click", () => {
        this.#place = { ...this.#place, file: start };
        void this.#showTable(start);
      });
      return button;
    };
    const size = view.files.length;
    const isPaged = view.fileCount > size || from > 0;
    this.#choices.replaceChildren(
      h("label", {}, "Table", tables),
      h("label", {}, `File (${count(view.fileCount)})`, files),
      ...(isPaged
        ? [
            page("Earlier files", Math.max(0, from - 200), from > 0),
            page("Later files", from + size, from + size < view.fileCount),
          ]
        : []),
    );
  }

  async #go(place: Place): Promise<void> {
    this.#place = place;
    const turn = ++this.#turn;
    await this.#guarded(turn, () => this.#showFile(turn));
  }

  async #showFile(turn: number): Promise<void> {
    const { table: key, file, filter } = this.#place;
    const view = await api.file(key, file, filter);
    if (turn !== this.#turn) return;
    const known = view.columns.some(({ name }) => name === this.#place.column);
    if (!known) this.#place = { ...this.#place, column: mostTelling(view.columns, filter) };
    writePlace(this.#place);
    this.#drawColumns(view);
    const { column } = this.#place;
    if (column === "") this.#picture.replaceChildren(h("section", {}, "This file has no indexed pages."));
    else {
      const picture = await api.column(key, file, column, filter);
      if (turn !== this.#turn) return;
      this.#picture.replaceChildren(pictureView(picture));
    }
    if (filter === "") {
      this.#said.replaceChildren();
      return;
    }
    const power = await api.filter(key, filter);
    if (turn === this.#turn) this.#said.replaceChildren(powerView(power));
  }

  #drawColumns(view: FileView): void {
    const isFiltered = view.rows !== undefined;
    const columns = [
      { title: "column" },
      { title: isFiltered ? "pages left" : "pages", className: "number" },
      { title: "size", className: "number wide" },
      { title: "clustering", className: "meter" },
    ];
    const rows = view.columns.map((column): (Child | readonly Child[])[] => [
      [this.#columnButton(column), h("span", { class: "type" }, column.type)],
      column.keptPages === null
        ? count(column.pages)
        : `${count(column.keptPages)} of ${count(column.pages)}`,
      bytes(column.bytes),
      clusteringCell(column),
    ]);
    const shown = table("Columns of the file", columns, rows);
    shown.querySelector('button[aria-pressed="true"]')?.closest("tr")?.classList.add("chosen");
    const note = h(
      "p",
      { class: "quiet" },
      "Clustering: 1 where no two pages share a value, 0 where every page overlaps every other. The closer to 1, the more pages a filter can skip.",
    );
    this.#columns.replaceChildren(h("h2", {}, "Columns"), h("p", { class: "path" }, view.path), shown, note);
  }

  #columnButton({ name }: ColumnSummary): HTMLElement {
    const isChosen = name === this.#place.column;
    const button = h("button", { type: "button", class: "link", "aria-pressed": String(isChosen) }, name);
    button.addEventListener("click", async () => {
      await this.#go({ ...this.#place, column: name });
      // The list was drawn anew: whoever goes by keyboard stays where they were.
      this.#columns.querySelector<HTMLElement>('button[aria-pressed="true"]')?.focus();
    });
    return button;
  }

  async #guarded(turn: number, work: () => Promise<void>): Promise<void> {
    this.#picture.setAttribute("aria-busy", "true");
    try {
      await work();
    } catch (error) {
      if (turn !== this.#turn) return;
      const said = error instanceof RefusedError ? error.message : "the server can't be reached";
      this.#said.replaceChildren(h("p", { class: "bad" }, said));
    } finally {
      if (turn === this.#turn) this.#picture.removeAttribute("aria-busy");
    }
  }
}

/** A column that the filter names; else the best clustered one, with which filters can do most. */
function mostTelling(columns: readonly ColumnSummary[], filter: string): string {
  const named = columns.find(({ name }) => filter.toLowerCase().includes(name.toLowerCase()));
  let best = columns[0];
  for (const column of columns) if ((column.clustering ?? -1) > (best?.clustering ?? -1)) best = column;
  return (named ?? best)?.name ?? "";
}

function clusteringCell(column: ColumnSummary): readonly Child[] {
  const said = clusteringText(column);
  if (column.clustering === null) return [said];
  return [h("meter", { min: 0, max: 1, value: column.clustering, "aria-label": `clustering ${said}` }), said];
}

function select(
  options: readonly { readonly value: string; readonly text: string }[],
  chosen: string,
): HTMLSelectElement {
  return h(
    "select",
    {},
    ...options.map(({ value, text }) => h("option", { value, selected: value === chosen }, text)),
  );
}

function powerView(power: PruningPower): HTMLElement {
  const { pages, rows, files } = power;
  const skipped = pages.all - pages.kept;
  const columns = [
    { title: "column" },
    { title: "pages", className: "number" },
    { title: "left", className: "number" },
    { title: "skipped", className: "number" },
  ];
  const cells = power.perColumn.map(({ name, pages: each }) => [
    name,
    count(each.all),
    count(each.kept),
    percent(each.all - each.kept, each.all),
  ]);
  return h(
    "div",
    { class: "power" },
    h(
      "p",
      {},
      h("meter", {
        min: 0,
        max: Math.max(1, pages.all),
        value: skipped,
        "aria-label": "Share of pages skipped",
      }),
      h("strong", {}, `${percent(skipped, pages.all)} of the pages are skipped`),
      `: ${share(pages)} pages, ${share(files)} files and at most ${share(rows)} rows are left; ${bytes(power.bytes.kept)} of ${bytes(power.bytes.all)} to read.`,
    ),
    ...power.undecided.map((reason) => h("p", { class: "quiet" }, `Not decided: ${reason}.`)),
    power.filesLeftOut === 0
      ? undefined
      : h(
          "p",
          { class: "quiet" },
          `${count(power.filesLeftOut)} more files were not looked at: floecat-capture prune looks at all.`,
        ),
    h(
      "details",
      { "data-key": "power" },
      h("summary", {}, "By column"),
      table("Pages left by column", columns, cells),
    ),
  );
}

function share({ kept, all }: Share): string {
  return `${count(kept)} of ${count(all)}`;
}
