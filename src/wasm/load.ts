import { readFileSync } from "node:fs";
import type { Kernels } from "./kernels.ts";

/**
 * Loads the compiled kernels. The module is compiled once a thread (V8 shares its code between threads when the module
 * itself is posted to them); an instance, with a memory of its own, is made for every chunk that is decoded at one time.
 */

let compiled: WebAssembly.Module | undefined;

/** `kernels.wasm` beside this module, or beside the bundle that holds it: `npm run build:wasm` puts it there. */
export function kernelsModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readKernels());
  return compiled;
}

function readKernels(): Uint8Array {
  const place = new URL("./kernels.wasm", import.meta.url);
  try {
    return readFileSync(place);
  } catch (cause) {
    throw new Error(`the kernels are not at ${place.pathname}: run \`npm run build:wasm\``, { cause });
  }
}

/** Called with how many sketch entries stand at `entriesAddress()`. */
export type Drain = (count: number) => void;

export function instantiateKernels(drain: Drain, module: WebAssembly.Module = kernelsModule()): Kernels {
  const { exports } = new WebAssembly.Instance(module, { host: { drain } });
  if (!isKernels(exports))
    throw new Error("kernels.wasm is of another build than this program: run `npm run build:wasm`");
  return exports;
}

function isKernels(exports: object): exports is Kernels {
  return KERNEL_NAMES.every((name) => name in exports);
}

/** Every function of `Kernels`: a record, so that the compiler asks for each. */
const KERNELS: Record<keyof Kernels, true> = {
  memory: true,
  resultAddress: true,
  arenaStart: true,
  snappy: true,
  lz4Block: true,
  countInHybrid: true,
  countInBitPacked: true,
  countOnes: true,
  boundsI32: true,
  boundsI64: true,
  boundsF32: true,
  boundsF64: true,
  boundsText: true,
  boundsDecimal: true,
  allUtf8: true,
  isAscii: true,
  isUtf8: true,
  repairAll: true,
  repairUtf8: true,
  compareText: true,
  compareDecimal: true,
  deltaCount: true,
  deltaDecode: true,
  sumLengths: true,
  joinLengths: true,
  joinPrefixes: true,
  joinStreams: true,
  keysI32: true,
  keysI64: true,
  keysF32: true,
  keysF64: true,
  locate: true,
  keysText: true,
  keysDecimal: true,
  markIndices: true,
  unpackIndices: true,
  foldMarks: true,
  foldIndices: true,
  checkMarks: true,
  ageMarks: true,
  gatherMarked: true,
  thetaAddress: true,
  entriesAddress: true,
  resetEntries: true,
  flushEntries: true,
  hashI32: true,
  hashI64: true,
  hashF32: true,
  hashF64: true,
  hashDigits32: true,
  hashDigits64: true,
  hashFixed: true,
  hashText: true,
  hashMarkedText: true,
  hashOne: true,
  hashBytes: true,
};
const KERNEL_NAMES = Object.keys(KERNELS);
