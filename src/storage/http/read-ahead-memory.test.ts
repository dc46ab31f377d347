import { expect, it } from "vitest";
import { createReadAheadMemory } from "./read-ahead-memory.ts";

const MIB = 1024 * 1024;

it("8.6 what waits for room is told when there is some, first come first told, and only once", () => {
  const memory = createReadAheadMemory(10);
  const told: string[] = [];
  expect(memory.tryTake(8)).toBe(true);
  expect(memory.tryTake(3)).toBe(false);
  for (const name of ["a", "b"]) memory.whenRoom(() => told.push(name));
  memory.give(8);
  expect(told).toEqual(["a", "b"]);
  expect(memory.tryTake(10)).toBe(true);
  memory.give(10);
  expect(told).toHaveLength(2);
});

it("8.6 a block larger than all there may be goes alone; what is waited for is taken whether there is room or not", () => {
  const memory = createReadAheadMemory(10);
  expect(memory.tryTake(50)).toBe(true);
  expect(memory.tryTake(1)).toBe(false);
  memory.take(5);
  memory.give(50);
  expect(memory.tryTake(5)).toBe(true);
});

it("8.6 buffers are used again, and those kept count for the limit", () => {
  const memory = createReadAheadMemory(2 * MIB);
  const buffer = memory.buffer(MIB);
  memory.give(0, buffer);
  expect(memory.buffer(MIB / 2)).toBe(buffer);
  memory.take(2 * MIB);
  memory.give(0, buffer);
  expect(memory.buffer(MIB)).not.toBe(buffer);
});
