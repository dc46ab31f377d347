// Minimum and maximum of PLAIN numbers, 06 §3.6: integers signed; floating point like Math.min and Math.max, which is what
// the lane-wise instructions do (NaN wins, -0 is below +0). At least one value; the result is min at RESULT, max at RESULT+8.
import { RESULT } from "./memory";

// @ts-ignore: decorator
@inline
function smallerI64(a: v128, b: v128): v128 {
  return v128.bitselect(b, a, i64x2.gt_s(a, b));
}

// @ts-ignore: decorator
@inline
function largerI64(a: v128, b: v128): v128 {
  return v128.bitselect(a, b, i64x2.gt_s(a, b));
}

export function boundsI32(ptr: usize, count: u32): void {
  let min: i32 = load<i32>(ptr);
  let max: i32 = min;
  let i: u32 = 0;
  if (count >= 16) {
    let lo0 = v128.load(ptr);
    let hi0 = lo0;
    let lo1 = lo0;
    let hi1 = lo0;
    for (; i + 16 <= count; i += 16) {
      const at = ptr + (<usize>i << 2);
      const a = v128.load(at);
      const b = v128.load(at, 16);
      const c = v128.load(at, 32);
      const d = v128.load(at, 48);
      lo0 = i32x4.min_s(lo0, i32x4.min_s(a, b));
      hi0 = i32x4.max_s(hi0, i32x4.max_s(a, b));
      lo1 = i32x4.min_s(lo1, i32x4.min_s(c, d));
      hi1 = i32x4.max_s(hi1, i32x4.max_s(c, d));
    }
    lo0 = i32x4.min_s(lo0, lo1);
    hi0 = i32x4.max_s(hi0, hi1);
    lo0 = i32x4.min_s(lo0, i8x16.shuffle(lo0, lo0, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    hi0 = i32x4.max_s(hi0, i8x16.shuffle(hi0, hi0, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    min = <i32>Math.min(i32x4.extract_lane(lo0, 0), i32x4.extract_lane(lo0, 1));
    max = <i32>Math.max(i32x4.extract_lane(hi0, 0), i32x4.extract_lane(hi0, 1));
  }
  for (; i < count; i++) {
    const v = load<i32>(ptr + (<usize>i << 2));
    if (v < min) min = v;
    if (v > max) max = v;
  }
  store<i64>(RESULT, <i64>min);
  store<i64>(RESULT, <i64>max, 8);
}

export function boundsI64(ptr: usize, count: u32): void {
  let min: i64 = load<i64>(ptr);
  let max: i64 = min;
  let i: u32 = 0;
  if (count >= 8) {
    let lo0 = v128.load(ptr);
    let hi0 = lo0;
    let lo1 = lo0;
    let hi1 = lo0;
    for (; i + 8 <= count; i += 8) {
      const at = ptr + (<usize>i << 3);
      const a = v128.load(at);
      const b = v128.load(at, 16);
      const c = v128.load(at, 32);
      const d = v128.load(at, 48);
      const ab = i64x2.gt_s(a, b);
      const cd = i64x2.gt_s(c, d);
      lo0 = smallerI64(lo0, v128.bitselect(b, a, ab));
      hi0 = largerI64(hi0, v128.bitselect(a, b, ab));
      lo1 = smallerI64(lo1, v128.bitselect(d, c, cd));
      hi1 = largerI64(hi1, v128.bitselect(c, d, cd));
    }
    lo0 = smallerI64(lo0, lo1);
    hi0 = largerI64(hi0, hi1);
    min = i64x2.extract_lane(lo0, 0);
    max = i64x2.extract_lane(hi0, 0);
    const otherMin = i64x2.extract_lane(lo0, 1);
    const otherMax = i64x2.extract_lane(hi0, 1);
    if (otherMin < min) min = otherMin;
    if (otherMax > max) max = otherMax;
  }
  for (; i < count; i++) {
    const v = load<i64>(ptr + (<usize>i << 3));
    if (v < min) min = v;
    if (v > max) max = v;
  }
  store<i64>(RESULT, min);
  store<i64>(RESULT, max, 8);
}

export function boundsF32(ptr: usize, count: u32): void {
  let min: f32 = load<f32>(ptr);
  let max: f32 = min;
  let i: u32 = 0;
  if (count >= 8) {
    let lo0 = v128.load(ptr);
    let hi0 = lo0;
    let lo1 = lo0;
    let hi1 = lo0;
    for (; i + 8 <= count; i += 8) {
      const at = ptr + (<usize>i << 2);
      const a = v128.load(at);
      const b = v128.load(at, 16);
      lo0 = f32x4.min(lo0, a);
      hi0 = f32x4.max(hi0, a);
      lo1 = f32x4.min(lo1, b);
      hi1 = f32x4.max(hi1, b);
    }
    lo0 = f32x4.min(lo0, lo1);
    hi0 = f32x4.max(hi0, hi1);
    min = <f32>(
      Mathf.min(
        Mathf.min(f32x4.extract_lane(lo0, 0), f32x4.extract_lane(lo0, 1)),
        Mathf.min(f32x4.extract_lane(lo0, 2), f32x4.extract_lane(lo0, 3)),
      )
    );
    max = <f32>(
      Mathf.max(
        Mathf.max(f32x4.extract_lane(hi0, 0), f32x4.extract_lane(hi0, 1)),
        Mathf.max(f32x4.extract_lane(hi0, 2), f32x4.extract_lane(hi0, 3)),
      )
    );
  }
  for (; i < count; i++) {
    const v = load<f32>(ptr + (<usize>i << 2));
    min = Mathf.min(min, v);
    max = Mathf.max(max, v);
  }
  store<f64>(RESULT, <f64>min);
  store<f64>(RESULT, <f64>max, 8);
}

export function boundsF64(ptr: usize, count: u32): void {
  let min: f64 = load<f64>(ptr);
  let max: f64 = min;
  let i: u32 = 0;
  if (count >= 4) {
    let lo0 = v128.load(ptr);
    let hi0 = lo0;
    let lo1 = lo0;
    let hi1 = lo0;
    for (; i + 4 <= count; i += 4) {
      const at = ptr + (<usize>i << 3);
      const a = v128.load(at);
      const b = v128.load(at, 16);
      lo0 = f64x2.min(lo0, a);
      hi0 = f64x2.max(hi0, a);
      lo1 = f64x2.min(lo1, b);
      hi1 = f64x2.max(hi1, b);
    }
    lo0 = f64x2.min(lo0, lo1);
    hi0 = f64x2.max(hi0, hi1);
    min = Math.min(f64x2.extract_lane(lo0, 0), f64x2.extract_lane(lo0, 1));
    max = Math.max(f64x2.extract_lane(hi0, 0), f64x2.extract_lane(hi0, 1));
  }
  for (; i < count; i++) {
    const v = load<f64>(ptr + (<usize>i << 3));
    min = Math.min(min, v);
    max = Math.max(max, v);
  }
  store<f64>(RESULT, min);
  store<f64>(RESULT, max, 8);
}
