export { createReferenceEngine } from "./engine.ts";
