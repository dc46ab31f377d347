export { type BareOptions, openBare } from "./open.ts";
