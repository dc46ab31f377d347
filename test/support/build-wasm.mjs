// Before any test: the kernels are a build product, and sources find them beside the loader.
import { buildWasm } from "../../scripts/build-wasm.mjs";

export async function setup() {
  await buildWasm();
}
