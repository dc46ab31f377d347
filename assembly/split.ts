// BYTE_STREAM_SPLIT back to PLAIN: byte k of every value lies in stream k, and a stream begins every `stride` bytes. `stride` ×
// `width` bytes are there, and room for `count` × `width`; `count` is not above `stride`.

export function joinStreams(ptr: usize, count: u32, stride: u32, width: u32, dst: usize): void {
  let done: u32 = 0;
  if (width == 4) {
    for (; done + 16 <= count; done += 16) {
      const a = v128.load(ptr + done);
      const b = v128.load(ptr + stride + done);
      const c = v128.load(ptr + 2 * stride + done);
      const d = v128.load(ptr + 3 * stride + done);
      const abLow = i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const abHigh = i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const cdLow = i8x16.shuffle(c, d, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const cdHigh = i8x16.shuffle(c, d, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
      const at = dst + (<usize>done << 2);
      v128.store(at, i16x8.shuffle(abLow, cdLow, 0, 8, 1, 9, 2, 10, 3, 11));
      v128.store(at, i16x8.shuffle(abLow, cdLow, 4, 12, 5, 13, 6, 14, 7, 15), 16);
      v128.store(at, i16x8.shuffle(abHigh, cdHigh, 0, 8, 1, 9, 2, 10, 3, 11), 32);
      v128.store(at, i16x8.shuffle(abHigh, cdHigh, 4, 12, 5, 13, 6, 14, 7, 15), 48);
    }
  }
  for (let k: u32 = 0; k < width; k++) {
    const stream = ptr + k * stride;
    for (let i = done; i < count; i++) store<u8>(dst + i * width + k, load<u8>(stream + i));
  }
}
