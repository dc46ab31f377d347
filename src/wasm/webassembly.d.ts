/** The part of the WebAssembly API that the loader uses: Node has it, the `ES2024` library does not declare it. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, Import>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    private constructor();
    readonly buffer: ArrayBuffer;
    /** By so many pages of 64 KiB; throws a RangeError when there is no more to be had. */
    grow(pages: number): number;
  }
  type Import = (...args: number[]) => void;
}
