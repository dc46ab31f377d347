/** Elements without markup strings: what a peer named can't become part of the page's structure. */
export type Child = Node | string | undefined;

type Properties = Readonly<Record<string, string | number | boolean | undefined>>;

export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  setAttributes(element, properties);
  append(element, children);
  return element;
}

export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(element, properties);
  append(element, children);
  return element;
}

function setAttributes(element: Element, properties: Properties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) if (child !== undefined) element.append(child);
}

export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

export interface Column {
  readonly title: string;
  readonly className?: string;
}

/** A table with a head; the first cell of a row names it. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (Child | readonly Child[])[])[],
): HTMLElement {
  const head = columns.map(({ title, className }) => h("th", { scope: "col", class: className }, title));
  const body = rows.map((cells) =>
    h(
      "tr",
      {},
      ...cells.map((cell, i) => {
        const content = isList(cell) ? cell : [cell];
        const className = columns[i]?.className;
        return i === 0
          ? h("th", { scope: "row", class: className }, ...content)
          : h("td", { class: className }, ...content);
      }),
    ),
  );
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h("table", { "aria-label": caption }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...body)),
  );
}

function isList(cell: Child | readonly Child[]): cell is readonly Child[] {
  return Array.isArray(cell);
}
