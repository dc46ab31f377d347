import { DecodeError } from "../decode-error.ts";
import type { Codec, SchemaLeaf } from "../metadata.ts";
import { type DataPageV1Header, type DataPageV2Header, ENCODING } from "../pages/page-header.ts";
import { decompressInto } from "./decompress.ts";
import { check } from "./outcome.ts";
import type { Region } from "./region.ts";
import type { Session } from "./session.ts";

/**
 * A data page taken apart (06 §3.5, "Part" table). Of the definition levels only the number of values that are there is
 * of interest: a page stores these without gaps, and columns under a repeated field don't come here.
 */
export interface PageParts {
  /** Values that take part. */
  readonly present: number;
  /** Where they lie; asked for only if there are any, so that an all-null v2 page is never decompressed. */
  values(): Region;
}

const NO_VALUES: Region = { address: 0, length: 0 };

export function takeApartV1(
  session: Session,
  leaf: SchemaLeaf,
  codec: Codec,
  header: DataPageV1Header,
  body: Uint8Array,
  releaseBody?: () => void,
): PageParts {
  const count = header.valueCount;
  if (count === 0) return { present: 0, values: () => NO_VALUES };
  const page = decompressInto(session, codec, body, header.uncompressedSize, releaseBody);
  // Levels that can only be 0 take no bytes, whatever encoding is declared.
  if (leaf.maxDefinitionLevel === 0) return { present: count, values: () => page };
  const { present, end } = definitionLevelsV1(session, leaf, header, page);
  return {
    present,
    values: () => ({ address: page.address + end, length: page.length - end }),
  };
}

function definitionLevelsV1(
  { kernels, arena }: Session,
  leaf: SchemaLeaf,
  { valueCount, definitionLevelEncoding }: DataPageV1Header,
  { address, length }: Region,
): { present: number; end: number } {
  const highest = leaf.maxDefinitionLevel;
  const bitWidth = levelBitWidth(highest);
  if (definitionLevelEncoding === ENCODING.bitPacked) {
    const end = Math.ceil((valueCount * bitWidth) / 8);
    if (end > length) throw new DecodeError(`definition levels take ${end} bytes, ${length} are there`);
    const outcome = kernels.countInBitPacked(address, end, bitWidth, valueCount, highest);
    return { present: check(outcome, "definition levels"), end };
  }
  if (definitionLevelEncoding !== ENCODING.rle) {
    throw new DecodeError(`Unsupported encoding for definition levels: ${definitionLevelEncoding}`);
  }
  if (length < 4) throw new DecodeError("the page ends before its definition levels");
  const levelsLength = arena.view.getUint32(address, true);
  if (levelsLength > length - 4) {
    throw new DecodeError(`definition levels of ${levelsLength} bytes where ${length - 4} are left`);
  }
  const outcome = kernels.countInHybrid(address + 4, levelsLength, bitWidth, valueCount, highest);
  return { present: check(outcome, "definition levels"), end: 4 + levelsLength };
}

export function takeApartV2(
  session: Session,
  leaf: SchemaLeaf,
  codec: Codec,
  header: DataPageV2Header,
  body: Uint8Array,
  releaseBody?: () => void,
): PageParts {
  const { definitionLevelsLength, rowCount } = header;
  const levelsEnd = header.repetitionLevelsLength + definitionLevelsLength;
  if (levelsEnd > body.length) {
    throw new DecodeError(`levels of ${levelsEnd} bytes in a page of ${body.length} bytes`);
  }
  if (rowCount > header.valueCount) {
    throw new DecodeError(`page of ${rowCount} rows with ${header.valueCount} values`);
  }
  // Of a page that announces fewer rows than values only the rows count (06 §3.9).
  let present = rowCount;
  const highest = leaf.maxDefinitionLevel;
  if (highest > 0) {
    const at = session.arena.place(body.subarray(header.repetitionLevelsLength, levelsEnd));
    const bitWidth = levelBitWidth(highest);
    const outcome = session.kernels.countInHybrid(at, definitionLevelsLength, bitWidth, rowCount, highest);
    present = check(outcome, "definition levels");
    session.arena.release(at);
  }
  return {
    present,
    values() {
      const stored = body.subarray(levelsEnd);
      if (!header.isCompressed) return decompressInto(session, "UNCOMPRESSED", stored, stored.length);
      const length = header.uncompressedSize - levelsEnd;
      if (codec !== "UNCOMPRESSED" && length < 0) {
        throw new DecodeError(
          `levels of ${levelsEnd} bytes in ${header.uncompressedSize} uncompressed bytes`,
        );
      }
      return decompressInto(session, codec, stored, length, releaseBody);
    },
  };
}

function levelBitWidth(maxLevel: number): number {
  return 32 - Math.clz32(maxLevel);
}
