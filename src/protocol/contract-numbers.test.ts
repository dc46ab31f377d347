/**
 * Field numbers, types, labels and names of the generated code against the contract's own tables, and their encoding
 * against protobufjs, which builds its messages from those tables alone and shares no code with ours.
 */
import {
  type DescEnum,
  type DescField,
  type DescFile,
  type DescMessage,
  fromBinary,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import protobufjs from "protobufjs";
import { describe, expect, test } from "vitest";
import { file_floecat_reconciler_reconciler as chunkedReconciler } from "./chunked/gen/floecat/reconciler/reconciler_pb.ts";
import { file_floecat_storage_authority as chunkedStorage } from "./chunked/gen/floecat/storage/authority_pb.ts";
import { file_floecat_reconciler_reconciler as inlineReconciler } from "./inline/gen/floecat/reconciler/reconciler_pb.ts";
import { file_floecat_storage_authority as inlineStorage } from "./inline/gen/floecat/storage/authority_pb.ts";
import { type ContractField, type ContractTables, contractTables } from "./testing/contract-tables.ts";

/** Declared for detection only; its fields are not described (01 §11.2). */
const WITHOUT_TABLE = ["ai.floedb.floecat.reconciler.PlannedFileGroupPlanJob"];

describe.each([
  { generation: "inline" as const, files: [inlineReconciler, inlineStorage] },
  { generation: "chunked" as const, files: [chunkedReconciler, chunkedStorage] },
])("01 §4–§9, $generation", ({ generation, files }) => {
  const contract = contractTables(generation);
  const generated = declaredIn(files);
  const messages = new Map(
    generated.flatMap((desc) => (desc.kind === "message" ? [[desc.typeName, desc] as const] : [])),
  );

  test("every message of the tables is generated, and no other", () => {
    expect(contract.messages.size).toBeGreaterThan(70);
    const names = [...messages.keys()].filter((name) => !WITHOUT_TABLE.includes(name));
    expect(names.sort()).toEqual([...contract.messages.keys()].sort());
  });

  test("every enum of the tables is generated with its values, and no other", () => {
    const enums = generated.flatMap((desc) =>
      desc.kind === "enum"
        ? [[desc.typeName, new Map(desc.values.map((value) => [value.name, value.number]))] as const]
        : [],
    );
    expect(new Map(enums)).toEqual(contract.enums);
  });

  test.each([...contract.messages.keys()])("%s: numbers, names, types and labels", (name) => {
    const fields = messages.get(name)?.fields ?? [];
    const byNumber = (a: { number: number }, b: { number: number }) => a.number - b.number;
    const expected = [...(contract.messages.get(name) ?? [])].sort(byNumber);
    expect(fields.map(described).sort(byNumber)).toEqual(expected.map(fieldOfTable));
  });

  describe("encoding agrees with protobufjs", () => {
    const root = protobufjsRoot(contract);

    test.each([...contract.messages.keys()])("%s", (name) => {
      const desc = messages.get(name);
      if (desc === undefined) throw new Error(`not generated: ${name}`);
      const type = root.lookupType(name);
      const expected = type.encode(type.fromObject(fullObject(contract, name))).finish();
      const reencoded = toBinary(desc, fromBinary(desc, expected));
      expect(Buffer.from(reencoded).toString("hex")).toBe(Buffer.from(expected).toString("hex"));
      expect(unknownFields(desc, expected)).toEqual([]);
    });
  });
});

/** Messages and enums of files and of what they import, without the well-known ones. */
function declaredIn(files: readonly DescFile[]): (DescMessage | DescEnum)[] {
  const all = new Set(files);
  for (const file of all) for (const dependency of file.dependencies) all.add(dependency);
  return [...all]
    .filter((file) => !file.name.startsWith("google/protobuf/"))
    .flatMap((file) => [...nestedTypes(file)])
    .filter((desc) => desc.kind === "message" || desc.kind === "enum");
}

/** A field as both sides can say it. */
interface Described {
  number: number;
  name: string;
  jsonName: string;
  type: string;
  label: string;
  oneof: string | undefined;
}

function described(field: DescField): Described {
  return {
    number: field.number,
    name: field.name,
    jsonName: field.jsonName,
    type: typeOf(field),
    label: labelOf(field),
    oneof: field.oneof?.name,
  };
}

function typeOf(field: DescField): string {
  switch (field.fieldKind) {
    case "map":
      return `map<${scalarName(field.mapKey)}, ${field.mapKind === "scalar" ? scalarName(field.scalar) : "?"}>`;
    default:
      return field.message?.typeName ?? field.enum?.typeName ?? scalarName(field.scalar);
  }
}

function scalarName(scalar: ScalarType | undefined): string {
  return scalar === undefined ? "?" : (ScalarType[scalar]?.toLowerCase() ?? "?");
}

function labelOf(field: DescField): string {
  if (field.fieldKind === "map") return "map";
  if (field.fieldKind === "list") return "rep";
  if (field.oneof !== undefined) return "oneof";
  if (field.proto.proto3Optional) return "opt";
  return field.fieldKind === "message" ? "msg" : "";
}

function fieldOfTable(field: ContractField): Described {
  const jsonName = field.name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return { ...field, jsonName };
}

/** Messages of the tables, and the two well-known types that they use. */
function protobufjsRoot({ messages, enums }: ContractTables): protobufjs.Namespace {
  const root = new protobufjs.Root();
  for (const name of ["Timestamp", "Duration"]) {
    const type = new protobufjs.Type(name);
    type.add(new protobufjs.Field("seconds", 1, "int64")).add(new protobufjs.Field("nanos", 2, "int32"));
    root.define("google.protobuf").add(type);
  }
  // Parents before the types that nest in them.
  for (const name of [...messages.keys()].sort((a, b) => a.split(".").length - b.split(".").length)) {
    const type = new protobufjs.Type(lastPart(name));
    for (const field of messages.get(name) ?? []) type.add(protobufjsField(field));
    const oneofs = Map.groupBy(
      (messages.get(name) ?? []).filter(({ label }) => label === "oneof"),
      ({ oneof }) => oneof ?? "",
    );
    for (const [oneof, members] of oneofs) {
      type.add(
        new protobufjs.OneOf(
          oneof,
          members.map((member) => member.name),
        ),
      );
    }
    parentOf(root, name).add(type);
  }
  for (const [name, values] of enums) {
    parentOf(root, name).add(new protobufjs.Enum(lastPart(name), Object.fromEntries(values)));
  }
  return root.resolveAll();
}

function protobufjsField({ name, number, type, label }: ContractField) {
  if (label === "map") return new protobufjs.MapField(name, number, "string", "string");
  const rule = label === "rep" ? "repeated" : undefined;
  // Lists of numbers are written packed (01 §3); the option means nothing for other lists.
  const options = label === "rep" ? { packed: true } : undefined;
  return new protobufjs.Field(name, number, type, rule, undefined, options);
}

function parentOf(root: protobufjs.Root, fullName: string): protobufjs.Namespace {
  const path = fullName.split(".").slice(0, -1).join(".");
  const existing = root.lookup(path);
  return existing instanceof protobufjs.Namespace ? existing : root.define(path);
}

function lastPart(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf(".") + 1);
}

/** A message with every field set to something that isn't its default; of a oneof, its last member. */
function fullObject(contract: ContractTables, name: string, depth = 0): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  const chosen = new Map<string, string>();
  for (const field of contract.messages.get(name) ?? []) {
    if (field.oneof !== undefined) {
      delete object[chosen.get(field.oneof) ?? ""];
      chosen.set(field.oneof, field.name);
    }
    const value = fullValue(contract, field, depth);
    if (value !== undefined) object[field.name] = value;
  }
  return object;
}

/** No message of the tables holds itself; the depth bound only guards the test. */
function fullValue(contract: ContractTables, field: ContractField, depth: number): unknown {
  if (field.label === "map") return { k: "v", empty: "" };
  const single = singleValue(contract, field, depth);
  return field.label === "rep" && single !== undefined ? [single, single] : single;
}

function singleValue(
  contract: ContractTables,
  { number, name, type }: ContractField,
  depth: number,
): unknown {
  switch (type) {
    case "string":
      return `${name} ä`;
    case "bytes":
      return Uint8Array.of(number, 0, 255);
    case "bool":
      return true;
    case "double":
      return number + 0.5;
    case "int32":
      return -number;
    case "uint32":
      return 0xffffffff;
    case "int64":
      return "-9223372036854775808";
    case "uint64":
      return "18446744073709551615";
    case "google.protobuf.Timestamp":
    case "google.protobuf.Duration":
      return { seconds: 5, nanos: number };
    default: {
      const values = contract.enums.get(type);
      if (values !== undefined) return Math.max(...values.values());
      if (depth > 8) throw new Error(`${type} nests too deep`);
      return fullObject(contract, type, depth + 1);
    }
  }
}

function unknownFields(desc: DescMessage, bytes: Uint8Array): readonly unknown[] {
  return fromBinary(desc, bytes).$unknown ?? [];
}
