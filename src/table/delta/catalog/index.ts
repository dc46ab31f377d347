export { type GlueRequest, type GlueTable, glueTable, glueTableRoot, isDelta } from "./glue.ts";
export { listUnityTables } from "./list-unity.ts";
export { type UnityRequest, unityTableRoot } from "./unity.ts";
