import type {
  Annotation,
  ParquetSchema,
  PhysicalType,
  Repetition,
  SchemaLeaf,
  SchemaNode,
} from "../metadata.ts";
import {
  expectType,
  readI32,
  readListHeader,
  readString,
  readStruct,
  THRIFT,
  type ThriftCursor,
  ThriftError,
} from "../thrift/compact.ts";
import { readLogicalType, resolveAnnotation } from "./annotation.ts";
import { PHYSICAL_TYPES, REPETITIONS } from "./names.ts";

/** Deeper than any table format nests; recursion over a schema is safe below it. */
const MAX_SCHEMA_DEPTH = 128;

interface SchemaElement {
  readonly offset: number;
  readonly physicalType: PhysicalType | undefined;
  readonly typeLength: number | undefined;
  readonly repetition: Repetition | undefined;
  readonly name: string;
  readonly childCount: number | undefined;
  readonly fieldId: number | undefined;
  readonly annotation: Annotation | undefined;
}

/** Reads the flattened schema of a footer (a pre-order list of elements) and checks that it is a tree. */
export function readSchema(cursor: ThriftCursor): ParquetSchema {
  const at = cursor.offset;
  const count = readListHeader(cursor, THRIFT.struct);
  const elements: SchemaElement[] = [];
  for (let index = 0; index < count; index++) elements.push(readElement(cursor));
  const rootElement = elements[0];
  if (rootElement === undefined) throw new ThriftError("schema without a root", at);

  const leaves: SchemaLeaf[] = [];
  let next = 0;

  function takeNode(parent: Parent | undefined): SchemaNode {
    const element = elements[next++];
    if (element === undefined) {
      throw new ThriftError(`schema has ${count} elements, fewer than its groups announce`, at);
    }
    const isRoot = parent === undefined;
    const repetition = isRoot ? "REQUIRED" : element.repetition;
    if (repetition === undefined) {
      throw new ThriftError(`schema element ${element.name} has no repetition`, element.offset);
    }
    const place = isRoot ? ROOT : childPlace(parent, element.name, repetition, element.offset);
    const node = { name: element.name, repetition, fieldId: element.fieldId, annotation: element.annotation };
    if (element.physicalType !== undefined && !isRoot) {
      const leafIndex = leaves.push(buildLeaf(element, element.physicalType, place, leaves.length)) - 1;
      return { ...node, children: [], leafIndex };
    }
    const children: SchemaNode[] = [];
    for (let index = 0; index < (element.childCount ?? 0); index++) children.push(takeNode(place));
    return { ...node, children, leafIndex: undefined };
  }

  const root = takeNode(undefined);
  if (next !== count) {
    throw new ThriftError(`schema has ${count} elements, its tree takes ${next}`, at);
  }
  return { root, leaves };
}

/** What a node passes to its children. */
interface Parent {
  readonly path: readonly string[];
  readonly definitionLevel: number;
  readonly repetitionLevel: number;
}

const ROOT: Parent = { path: [], definitionLevel: 0, repetitionLevel: 0 };

function childPlace(parent: Parent, name: string, repetition: Repetition, offset: number): Parent {
  if (parent.path.length >= MAX_SCHEMA_DEPTH) {
    throw new ThriftError(`schema nested deeper than ${MAX_SCHEMA_DEPTH}`, offset);
  }
  return {
    path: [...parent.path, name],
    definitionLevel: parent.definitionLevel + (repetition === "REQUIRED" ? 0 : 1),
    repetitionLevel: parent.repetitionLevel + (repetition === "REPEATED" ? 1 : 0),
  };
}

function buildLeaf(
  element: SchemaElement,
  physicalType: PhysicalType,
  place: Parent,
  index: number,
): SchemaLeaf {
  if ((element.childCount ?? 0) > 0) {
    throw new ThriftError(`schema element ${element.name} has both a type and children`, element.offset);
  }
  let typeLength = 0;
  if (physicalType === "FIXED_LEN_BYTE_ARRAY") {
    if (element.typeLength === undefined || element.typeLength < 0) {
      throw new ThriftError(
        `fixed-length column ${element.name} has length ${element.typeLength ?? "none"}`,
        element.offset,
      );
    }
    typeLength = element.typeLength;
  }
  return {
    index,
    path: place.path,
    name: place.path.join("."),
    physicalType,
    typeLength,
    fieldId: element.fieldId,
    maxDefinitionLevel: place.definitionLevel,
    maxRepetitionLevel: place.repetitionLevel,
    annotation: element.annotation,
  };
}

function readElement(cursor: ThriftCursor): SchemaElement {
  const offset = cursor.offset;
  let physical: number | undefined;
  let typeLength: number | undefined;
  let repetition: number | undefined;
  let name: string | undefined;
  let childCount: number | undefined;
  let convertedType: number | undefined;
  let scale: number | undefined;
  let precision: number | undefined;
  let fieldId: number | undefined;
  let logical: Annotation | undefined;
  readStruct(cursor, (id, type) => {
    if (id < 1 || id > 10) return false;
    if (id === 4) {
      expectType(cursor, type, THRIFT.binary, "schema element name");
      name = readString(cursor);
      return true;
    }
    if (id === 10) {
      expectType(cursor, type, THRIFT.struct, "logical type");
      logical = readLogicalType(cursor);
      return true;
    }
    expectType(cursor, type, THRIFT.i32, `schema element field ${id}`);
    const value = readI32(cursor);
    if (id === 1) physical = value;
    else if (id === 2) typeLength = value;
    else if (id === 3) repetition = value;
    else if (id === 5) childCount = value;
    else if (id === 6) convertedType = value;
    else if (id === 7) scale = value;
    else if (id === 8) precision = value;
    else fieldId = value;
    return true;
  });
  if (name === undefined) throw new ThriftError("schema element without a name", offset);
  if (childCount !== undefined && childCount < 0) {
    throw new ThriftError(`schema element ${name} has ${childCount} children`, offset);
  }
  const annotation = resolveAnnotation(logical, convertedType, { precision, scale });
  if (annotation?.kind === "DECIMAL") checkDecimal(annotation, name, offset);
  return {
    offset,
    physicalType: enumName(PHYSICAL_TYPES, physical, `physical type of ${name}`, offset),
    typeLength,
    repetition: enumName(REPETITIONS, repetition, `repetition of ${name}`, offset),
    name,
    childCount,
    fieldId,
    annotation,
  };
}

function checkDecimal(
  annotation: { readonly precision: number; readonly scale: number },
  name: string,
  offset: number,
): void {
  const { precision, scale } = annotation;
  if (precision < 1 || scale < 0 || scale > precision) {
    throw new ThriftError(`column ${name} has the impossible type DECIMAL(${precision},${scale})`, offset);
  }
}

function enumName<Name>(
  names: readonly Name[],
  value: number | undefined,
  what: string,
  offset: number,
): Name | undefined {
  if (value === undefined) return undefined;
  const name = names[value];
  if (name === undefined) throw new ThriftError(`unknown ${what}: ${value}`, offset);
  return name;
}
