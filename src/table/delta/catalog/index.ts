export { type GlueRequest, type GlueTable, glueTable, glueTableRoot, isDelta } from "./glue.ts";
export { type UnityRequest, unityTableRoot } from "./unity.ts";
