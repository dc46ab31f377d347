export { Arena, ArenaLimitError } from "./arena.ts";
export { KEY_ORDER, type Kernels, OUTCOME, SLACK_BYTES } from "./kernels.ts";
export { type Drain, instantiateKernels, kernelsModule } from "./load.ts";
