/**
 * The message and enum tables of docs/contract/01-wire.md as data, read from the document itself, so that a test compares
 * the code with what the contract says and not with another copy of it.
 */
import { readFileSync } from "node:fs";
import type { Generation } from "../../model/index.ts";

export interface ContractField {
  readonly number: number;
  readonly name: string;
  /** Scalar, full message or enum name, or `map<string, string>`. */
  readonly type: string;
  readonly label: "" | "msg" | "opt" | "rep" | "map" | "oneof";
  /** Name of the oneof. */
  readonly oneof: string | undefined;
}

export interface ContractTables {
  /** By full name. */
  readonly messages: ReadonlyMap<string, readonly ContractField[]>;
  readonly enums: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const ROOT_PACKAGE = "ai.floedb.floecat";

/** Packages by section; 4.7 and 8.2 describe what is not of these packages. */
const SECTIONS: readonly (readonly [RegExp, string | undefined])[] = [
  [/^## 4\./, "reconciler"],
  [/^### 4\.7/, undefined],
  [/^## [56]\./, "catalog"],
  [/^## 7\./, "connector"],
  [/^## 8\./, "common"],
  [/^### 8\.2/, undefined],
  [/^## 9\./, "storage"],
  [/^## /, undefined],
];

/** Belongs to a message of the finalizer, which is not declared (01 §4.7). */
const LEFT_OUT = new Set(["LeasedSnapshotFinalizeInput.FinalizeMode"]);

export function contractTables(generation: Generation): ContractTables {
  const messages = new Map<string, ContractField[]>();
  const enums = new Map<string, Map<string, number>>();
  let packageName: string | undefined;
  let heading: string | undefined;
  for (const line of readFileSync("docs/contract/01-wire.md", "utf8").split("\n")) {
    if (line.startsWith("#")) {
      const section = SECTIONS.find(([pattern]) => pattern.test(line));
      if (section !== undefined) packageName = section[1];
      heading = /^#### `([\w.]+)`/.exec(line)?.[1];
      continue;
    }
    if (packageName === undefined || !line.startsWith("|")) continue;
    const cells = line.split("|").map((cell) => cell.trim().replaceAll("`", ""));
    const [, first = "", second = "", third = "", fourth = "", fifth = ""] = cells;
    const fullName = (name: string) => `${ROOT_PACKAGE}.${packageName}.${name}`;
    if (heading !== undefined && /^\d+$/.test(first)) {
      if (!holds(fifth, generation)) continue;
      const fields = messages.get(fullName(heading)) ?? [];
      messages.set(fullName(heading), fields);
      fields.push(contractField(Number(first), second, third, fourth, packageName));
    } else if (/^[A-Z][\w.]+$/.test(first) && holds(second, generation) && !LEFT_OUT.has(first)) {
      if (/^[A-Z][A-Z0-9_]*=\d/.test(third)) {
        const values = third.matchAll(/([A-Z0-9_]+)=(\d+)/g);
        enums.set(fullName(first), new Map([...values].map(([, name, number]) => [name!, Number(number)])));
      } else if (third === "(no fields)") {
        messages.set(fullName(first), []);
      } else if (/^\d+ \w+ /.test(third)) {
        messages.set(fullName(first), fieldsOfCell(third, generation, packageName));
      }
    }
  }
  return { messages, enums };
}

function holds(cell: string, generation: Generation): boolean {
  return cell === "both" || cell === generation;
}

/** `1 name type [label]; 2 …`, where a field of one generation ends with `**(chunked)**`. */
function fieldsOfCell(cell: string, generation: Generation, packageName: string): ContractField[] {
  return cell.split("; ").flatMap((text) => {
    const match = /^(\d+) (\w+) ([\w.]+|map<string, string>)(?: \[([\w ]+)\])?(?: \*\*\((\w+)\)\*\*)?$/.exec(
      text.trim(),
    );
    if (match === null) throw new Error(`01-wire: can't read the field ${JSON.stringify(text)}`);
    const [, number, name = "", type = "", label = "", only] = match;
    return only === undefined || only === generation
      ? [contractField(Number(number), name, type, label, packageName)]
      : [];
  });
}

function contractField(
  number: number,
  name: string,
  type: string,
  labelText: string,
  packageName: string,
): ContractField {
  const [word = "", oneof] = labelText.split(" ");
  const label = (["msg", "opt", "rep", "map", "oneof"] as const).find((each) => each === word) ?? "";
  return { number, name, type: fullType(type, packageName), label, oneof };
}

function fullType(type: string, packageName: string): string {
  if (/^[a-z0-9]+$/.test(type) || type.startsWith("map<")) return type;
  if (type.startsWith("wkt.")) return `google.protobuf.${type.slice("wkt.".length)}`;
  if (/^(common|catalog|connector|storage|reconciler)\./.test(type)) return `${ROOT_PACKAGE}.${type}`;
  return `${ROOT_PACKAGE}.${packageName}.${type}`;
}
