/** How the items of a result are cut into chunks (03 §10.3). */

/** The reference's target, of estimated item sizes. */
export const CHUNK_TARGET_BYTES = 131_072;
const ITEM_OVERHEAD_BYTES = 32;

/**
 * Groups items, in order, so that a chunk exceeds the target only if it holds a single item. No items, no chunks.
 */
export async function* chunksOf<Item extends { readonly bytes: Uint8Array }>(
  items: AsyncIterable<Item>,
): AsyncGenerator<Item[]> {
  let chunk: Item[] = [];
  let size = 0;
  for await (const item of items) {
    const itemSize = Math.max(1, item.bytes.length) + ITEM_OVERHEAD_BYTES;
    if (chunk.length > 0 && size + itemSize > CHUNK_TARGET_BYTES) {
      yield chunk;
      chunk = [];
      size = 0;
    }
    chunk.push(item);
    size += itemSize;
  }
  if (chunk.length > 0) yield chunk;
}
