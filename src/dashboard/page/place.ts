/** What is looked at, as it stands behind the `#` of the address. */
export interface Place {
  readonly table: string;
  readonly file: number;
  readonly column: string;
  readonly filter: string;
}

export type ViewName = "activity" | "index";

export function readView(): ViewName | undefined {
  const name = location.hash.slice(1).split("?")[0];
  return name === "activity" || name === "index" ? name : undefined;
}

export function readPlace(): Place {
  const query = new URLSearchParams(location.hash.split("?").slice(1).join("?"));
  const file = query.get("file") ?? "";
  return {
    table: query.get("table") ?? "",
    file: /^\d{1,9}$/.test(file) ? Number(file) : 0,
    column: query.get("column") ?? "",
    filter: query.get("filter") ?? "",
  };
}

export function writePlace(place: Place): void {
  const query = new URLSearchParams({ table: place.table, file: String(place.file) });
  if (place.column !== "") query.set("column", place.column);
  if (place.filter !== "") query.set("filter", place.filter);
  history.replaceState(null, "", `#index?${query}`);
}
