/** What became of each table and file, for the test report: a table of counts, then what was not captured whole, and why. */
export interface ReportLine {
  /** Its part before the first `/` is the kind. */
  readonly name: string;
  /** Partly: statistics alone. */
  readonly result: "captured" | "partly" | "refused";
  readonly why: string;
}

const RESULTS = ["captured", "partly", "refused"] as const;

export function countsOf(lines: readonly ReportLine[], kind: string) {
  const of = (result: ReportLine["result"]) =>
    lines.filter((line) => line.name.startsWith(`${kind}/`) && line.result === result).length;
  return { captured: of("captured"), partly: of("partly"), refused: of("refused") };
}

export function renderCaptureReport(lines: readonly ReportLine[]): string {
  const kinds = [...new Set(lines.map(({ name }) => name.slice(0, name.indexOf("/"))))];
  const row = (cells: readonly (string | number)[]) =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(12) : String(cell).padStart(9))).join("");
  const counts = kinds.map((kind) => row([kind, ...Object.values(countsOf(lines, kind))]));
  const exceptions = lines
    .filter(({ result }) => result !== "captured")
    .map(({ name, result, why }) => `${result.padEnd(9)}${name}: ${why}`);
  return ["Captured in both generations:", row(["", ...RESULTS]), ...counts, "", ...exceptions].join("\n");
}
