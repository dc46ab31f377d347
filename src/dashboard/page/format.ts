const WHOLE = new Intl.NumberFormat("en");

export function count(value: number): string {
  return WHOLE.format(value);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function bytes(value: number): string {
  let unit = 0;
  let size = value;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit] ?? ""}`;
}

export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function clockTime(ms: number): string {
  return new Date(ms).toLocaleTimeString("en-GB");
}

/** Never 0 % of something, nor 100 % of less than all. */
export function percent(part: number, all: number): string {
  if (all === 0) return "–";
  const share = (100 * part) / all;
  if (part > 0 && share < 0.1) return "< 0.1 %";
  if (part < all && share > 99.9) return "> 99.9 %";
  return `${share < 10 && share > 0 ? share.toFixed(1) : Math.round(share)} %`;
}

/** The last part of a path, which tells files of a table apart. */
export function fileName(path: string): string {
  return path.split("/").at(-1) || path;
}

export function shortId(id: string): string {
  return id.length <= 20 ? id : `${id.slice(0, 8)}…${id.slice(-4)}`;
}
