/**
 * Compares what a server declares with what the worker sends and reads (01 §11.4: servers between and after the known
 * revisions exist): number, type and cardinality of each used field, and the numbers of the enum values. A field under our
 * number that is something else would be misread, and one that is absent would be lost without a word.
 */
import { isFieldSet } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { fieldNumbered, fieldOf } from "./descriptors.ts";
import type { MessageUse } from "./used-fields.ts";

/** Messages and enums by full name without a leading dot. */
export interface Vocabulary {
  message(fullName: string): Promise<DescriptorProto | undefined>;
  enumeration(fullName: string): Promise<EnumDescriptorProto | undefined>;
}

export interface FieldFindings {
  /** Each a reason not to work with this server. */
  readonly problems: readonly string[];
  /** Fields that it hasn't, which do no harm. */
  readonly absent: readonly string[];
}

const ROOT = "ai.floedb.floecat.";

export async function checkFields(
  uses: readonly MessageUse[],
  ours: Vocabulary,
  theirs: Vocabulary,
): Promise<FieldFindings> {
  const problems: string[] = [];
  const absent: string[] = [];
  const enums = new Set<string>();
  for (const { message, needed, spare } of uses) {
    const expected = await ours.message(ROOT + message);
    if (expected === undefined) throw new Error(`our descriptors have no message ${message}`);
    const found = await theirs.message(ROOT + message);
    if (found === undefined) {
      if (needed.length > 0) problems.push(`no message ${message}`);
      else absent.push(message);
      continue;
    }
    for (const name of [...needed, ...spare]) {
      const field = fieldOf(expected, name);
      if (field === undefined) throw new Error(`our descriptors have no field ${message}.${name}`);
      const difference = differenceOf(shapeOf(field, expected), found, name);
      if (difference === undefined) {
        if (field.type === Type.ENUM) enums.add(field.typeName.slice(1));
      } else if (difference.kind === "absent" && spare.includes(name)) absent.push(`${message}.${name}`);
      else problems.push(`${message}.${name}: ${difference.text}`);
    }
  }
  for (const name of enums) problems.push(...(await enumDifferences(name, ours, theirs)));
  return { problems, absent };
}

interface Shape {
  readonly number: number;
  /** `repeated string`, `optional int64`, `oneof target .ai.floedb…`. */
  readonly type: string;
}

function shapeOf(field: FieldDescriptorProto, message: DescriptorProto): Shape {
  const type =
    field.typeName === "" ? Type[field.type].toLowerCase() : field.typeName.replace(`.${ROOT}`, "");
  return { number: field.number, type: cardinalityOf(field, message) + type };
}

/** Presence counts: an explicit zero is data (01 §0 fact 5). */
function cardinalityOf(field: FieldDescriptorProto, message: DescriptorProto): string {
  if (field.label === Label.REPEATED) return "repeated ";
  if (field.proto3Optional) return field.type === Type.MESSAGE ? "" : "optional ";
  // The index reads as 0 where it isn't set.
  if (!isFieldSet(field, FieldDescriptorProtoSchema.field.oneofIndex)) return "";
  return `oneof ${message.oneofDecl[field.oneofIndex]?.name ?? ""} `;
}

type Difference = { readonly kind: "absent" | "other"; readonly text: string };

function differenceOf(expected: Shape, message: DescriptorProto, name: string): Difference | undefined {
  const wanted = `${expected.type} = ${expected.number}`;
  const atNumber = fieldNumbered(message, expected.number);
  if (atNumber === undefined) {
    const elsewhere = fieldOf(message, name);
    if (elsewhere === undefined) return { kind: "absent", text: `absent, ${wanted} is needed` };
    return { kind: "other", text: `found as number ${elsewhere.number}, ${wanted} is needed` };
  }
  const found = shapeOf(atNumber, message);
  // Another name under the same number is another meaning, whatever its type.
  if (found.type === expected.type && atNumber.name === name) return undefined;
  return {
    kind: "other",
    text: `found ${atNumber.name} ${found.type} = ${found.number}, ${wanted} is needed`,
  };
}

async function enumDifferences(name: string, ours: Vocabulary, theirs: Vocabulary): Promise<string[]> {
  const expected = await ours.enumeration(name);
  const found = await theirs.enumeration(name);
  // Not every server shows them; the field's type has been compared by name.
  if (expected === undefined || found === undefined) return [];
  const numbers = new Map(found.value.map((value) => [value.name, value.number]));
  return expected.value.flatMap((value) => {
    const number = numbers.get(value.name);
    return number === undefined || number === value.number
      ? []
      : [`enum ${name.replace(ROOT, "")}: ${value.name} is ${number}, ${value.number} is needed`];
  });
}
