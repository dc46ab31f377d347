import { DuckDBInstance } from "@duckdb/node-api";
import type { Runner } from "./runner.ts";

/** Minimum and maximum of every column that has an order, and approximate distinct counts if asked for. */
export async function duckdbRunner(file: string, threads: number, withDistinct: boolean): Promise<Runner> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`SET threads TO ${threads}`);
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM '${file}'`);
  const columns = described.getRows().flatMap((row) => leaves(String(row[0]), String(row[1])));
  const selected = columns.flatMap((c) => [
    `min(${c})`,
    `max(${c})`,
    ...(withDistinct ? [`approx_count_distinct(${c})`] : []),
  ]);
  const query = `SELECT ${selected.join(", ")} FROM '${file}'`;
  return {
    async run() {
      const result = await connection.runAndReadAll(query);
      return `${result.columnCount} figures`;
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** The leaves below structs, which is what has page entries; lists have none. */
function leaves(path: string, type: string): string[] {
  const quoted = path.includes('"') ? path : `"${path}"`;
  if (type.endsWith("[]")) return [];
  if (!type.startsWith("STRUCT(")) return [quoted];
  return splitFields(type.slice("STRUCT(".length, -1)).flatMap(([name, inner]) =>
    leaves(`${quoted}."${name}"`, inner),
  );
}

function splitFields(text: string): [string, string][] {
  const fields: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === "(") depth++;
    else if (text[i] === ")") depth--;
    else if (i === text.length || (text[i] === "," && depth === 0)) {
      fields.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return fields.map((field) => {
    const space = field.indexOf(" ");
    return [field.slice(0, space).replaceAll('"', ""), field.slice(space + 1)];
  });
}
