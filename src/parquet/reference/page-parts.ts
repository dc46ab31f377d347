import { decompress } from "../codec/index.ts";
import { DecodeError } from "../decode-error.ts";
import type { Codec, SchemaLeaf } from "../metadata.ts";
import { type DataPageV1Header, type DataPageV2Header, ENCODING } from "../pages/page-header.ts";
import { type IntegerReader, levelBitWidth, openBitPackedLevels, openHybrid } from "./hybrid.ts";
import type { Stream } from "./plain.ts";

/** A data page taken apart into its three streams (06 §3.5, "Part" table). */
export interface PageParts {
  /** Level entries to walk. */
  readonly positions: number;
  /** Undefined where the maximum level is 0: every level is 0 then. */
  readonly repetition: IntegerReader | undefined;
  readonly definition: IntegerReader | undefined;
  /** Opens the values; a v2 page without any value is thus never decompressed. */
  values(): Stream;
}

export function openPageV1(
  leaf: SchemaLeaf,
  codec: Codec,
  header: DataPageV1Header,
  body: Uint8Array,
): PageParts {
  if (header.valueCount === 0) return EMPTY;
  const bytes = decompress(codec, body, header.uncompressedSize);
  const repetition = openLevelsV1(
    bytes,
    0,
    leaf.maxRepetitionLevel,
    header.repetitionLevelEncoding,
    header.valueCount,
    "repetition levels",
  );
  const definition = openLevelsV1(
    bytes,
    repetition.end,
    leaf.maxDefinitionLevel,
    header.definitionLevelEncoding,
    header.valueCount,
    "definition levels",
  );
  return {
    positions: header.valueCount,
    repetition: repetition.reader,
    definition: definition.reader,
    values: () => ({ bytes, start: definition.end, end: bytes.length }),
  };
}

const EMPTY: PageParts = {
  positions: 0,
  repetition: undefined,
  definition: undefined,
  values: () => ({ bytes: new Uint8Array(0), start: 0, end: 0 }),
};

function openLevelsV1(
  bytes: Uint8Array,
  start: number,
  maxLevel: number,
  encoding: number,
  count: number,
  what: string,
): { reader: IntegerReader | undefined; end: number } {
  // Levels that can only be 0 take no bytes, whatever encoding is declared.
  if (maxLevel === 0) return { reader: undefined, end: start };
  const bitWidth = levelBitWidth(maxLevel);
  if (encoding === ENCODING.bitPacked) {
    const end = start + Math.ceil((count * bitWidth) / 8);
    if (end > bytes.length)
      throw new DecodeError(`${what} take ${end - start} bytes, ${bytes.length - start} are there`);
    return { reader: openBitPackedLevels(bytes, start, bitWidth), end };
  }
  if (encoding !== ENCODING.rle) throw new DecodeError(`Unsupported encoding for ${what}: ${encoding}`);
  if (start + 4 > bytes.length) throw new DecodeError(`the page ends before its ${what}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(start, true);
  const end = start + 4 + length;
  if (end > bytes.length) {
    throw new DecodeError(`${what} of ${length} bytes where ${bytes.length - start - 4} are left`);
  }
  return { reader: openHybrid(bytes, start + 4, end, bitWidth, what), end };
}

export function openPageV2(
  leaf: SchemaLeaf,
  codec: Codec,
  header: DataPageV2Header,
  body: Uint8Array,
): PageParts {
  const { repetitionLevelsLength, definitionLevelsLength } = header;
  const levelsLength = repetitionLevelsLength + definitionLevelsLength;
  if (levelsLength > body.length) {
    throw new DecodeError(`levels of ${levelsLength} bytes in a page of ${body.length} bytes`);
  }
  if (leaf.maxRepetitionLevel === 0 && header.rowCount > header.valueCount) {
    throw new DecodeError(`page of ${header.rowCount} rows with ${header.valueCount} values`);
  }
  return {
    // Of a page that announces fewer rows than values only the rows count (06 §3.9).
    positions: leaf.maxRepetitionLevel === 0 ? header.rowCount : header.valueCount,
    repetition: openLevelsV2(body, 0, repetitionLevelsLength, leaf.maxRepetitionLevel, "repetition levels"),
    definition: openLevelsV2(
      body,
      repetitionLevelsLength,
      levelsLength,
      leaf.maxDefinitionLevel,
      "definition levels",
    ),
    values() {
      const values = body.subarray(levelsLength);
      if (!header.isCompressed || codec === "UNCOMPRESSED") {
        return { bytes: values, start: 0, end: values.length };
      }
      const length = header.uncompressedSize - levelsLength;
      if (length < 0) {
        throw new DecodeError(
          `levels of ${levelsLength} bytes in ${header.uncompressedSize} uncompressed bytes`,
        );
      }
      return { bytes: decompress(codec, values, length), start: 0, end: length };
    },
  };
}

function openLevelsV2(
  body: Uint8Array,
  start: number,
  end: number,
  maxLevel: number,
  what: string,
): IntegerReader | undefined {
  if (maxLevel === 0) return undefined;
  return openHybrid(body, start, end, levelBitWidth(maxLevel), what);
}
