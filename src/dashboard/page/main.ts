import type { IndexedTable } from "../picture/source.ts";
import type { Status } from "../status.ts";
import { activityView } from "./activity.ts";
import { api } from "./api.ts";
import { byId, h } from "./dom.ts";
import { IndexView } from "./index-view.ts";
import { readView, type ViewName } from "./place.ts";

const REFRESH_MS = 2_000;

const main = byId("main");
let view: ViewName | undefined;

async function start(): Promise<void> {
  const [status, tables] = await Promise.all([api.status(), api.tables()]);
  const open = () => show(readView() ?? (status.role === "viewer" ? "index" : "activity"), status, tables);
  addEventListener("hashchange", () => {
    // A changed place within the view is the view's own doing.
    if (readView() !== view) open();
  });
  open();
  if (status.role !== "viewer") void refresh();
}

function show(name: ViewName, status: Status, tables: readonly IndexedTable[]): void {
  view = name;
  drawHead(status);
  if (name === "activity") drawActivity(status);
  else if (tables.length === 0) void drawIndexLater();
  else main.replaceChildren(...new IndexView(tables).elements);
}

/** Tables may have been captured since the page was opened. */
async function drawIndexLater(): Promise<void> {
  const tables = await api.tables();
  if (view !== "index") return;
  const nothing = h("section", {}, h("h1", {}, "Page index"), "No captured table is here to look at yet.");
  main.replaceChildren(...(tables.length === 0 ? [nothing] : new IndexView(tables).elements));
}

/** What is open stays open, and what has the focus keeps it, though everything is drawn anew. */
function drawActivity(status: Status): void {
  const open = new Set(
    [...main.querySelectorAll<HTMLElement>("details[open]")].map(({ dataset }) => dataset.key),
  );
  const scrolled = [...main.querySelectorAll(".scroll")].indexOf(document.activeElement ?? main);
  const wasSummary = document.activeElement?.closest("details")?.dataset.key;
  main.replaceChildren(...activityView(status));
  for (const details of main.querySelectorAll("details")) {
    if (open.has(details.dataset.key)) details.open = true;
    if (wasSummary !== undefined && details.dataset.key === wasSummary)
      details.querySelector("summary")?.focus();
  }
  const region = scrolled < 0 ? undefined : main.querySelectorAll<HTMLElement>(".scroll")[scrolled];
  region?.focus({ preventScroll: true });
}

function drawHead(status: Status): void {
  const { role, identity, version, generation } = status;
  byId("identity").textContent =
    `${role === "viewer" ? "" : `${role.replace("-", " ")} `}${identity}${generation === undefined ? "" : ` · ${generation}`} · ${version}`;
  document.title = `${identity} · floecat-capture`;
  if (role === "control-plane") {
    const links: [ViewName, string][] = [
      ["activity", "Activity"],
      ["index", "Page index"],
    ];
    byId("views").replaceChildren(
      ...links.map(([name, title]) =>
        h("a", { href: `#${name}`, "aria-current": name === view ? "page" : undefined }, title),
      ),
    );
  }
  if (role !== "viewer") tellReadiness(status.readiness.ready, status.readiness.reason);
}

function tellReadiness(isReady: boolean, words: string): void {
  const element = byId("readiness");
  element.className = isReady ? "ready" : "waiting";
  // Said only when it changes, or a screen reader would say it every two seconds.
  if (element.textContent !== words) element.textContent = words;
}

async function refresh(): Promise<void> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
    if (document.hidden) continue;
    try {
      const status = await api.status();
      tellReadiness(status.readiness.ready, status.readiness.reason);
      if (view === "activity") drawActivity(status);
    } catch {
      tellReadiness(false, "this process does not answer");
    }
  }
}

start().catch((error: unknown) => {
  main.replaceChildren(h("section", { class: "bad" }, `The page can't be shown: ${error}`));
});
