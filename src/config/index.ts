export { type Environment, readEnvironment } from "./environment.ts";
export { VERSION } from "./version.ts";
