export { createFastEngine, type FastEngineOptions } from "./engine.ts";
