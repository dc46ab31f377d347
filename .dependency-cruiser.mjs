/**
 * The boundaries of ARCHITECTURE.md as rules: each folder of src/ may import only what its row allows.
 * `npm run boundaries` fails on any import that goes against the direction.
 */
const mayImport = {
  model: [],
  types: ["model"],
  wasm: [],
  sketch: ["model", "types", "wasm"],
  stats: ["model", "types", "sketch"],
  parquet: ["model", "types", "sketch", "wasm"],
  storage: ["model", "http"],
  table: ["model", "types", "storage", "parquet", "sketch", "http"],
  capture: ["model", "types", "sketch", "stats", "parquet", "table", "storage", "http"],
  http: ["model"],
  protocol: ["model", "http"],
  authority: ["model", "protocol", "storage"],
  worker: ["model", "protocol", "capture"],
  "control-plane": ["model", "http", "protocol", "table", "types", "storage", "sketch", "stats", "telemetry"],
  telemetry: ["model", "http"],
  pruning: ["model", "types"],
  captured: ["model", "types", "parquet", "pruning", "storage"],
  dashboard: ["model", "types", "parquet", "telemetry", "pruning"],
  observation: [
    "model",
    "parquet",
    "protocol",
    "worker",
    "control-plane",
    "captured",
    "pruning",
    "telemetry",
    "dashboard",
  ],
  config: ["model"],
};

const folderRules = Object.entries(mayImport).map(([folder, allowed]) => ({
  name: `src/${folder} imports only ${allowed.length === 0 ? "itself" : allowed.join(", ")}`,
  severity: "error",
  from: { path: `^src/${folder}/`, pathNot: "\\.test\\.ts$" },
  to: { path: "^src/", pathNot: `^src/(${[folder, ...allowed].join("|")})/` },
}));

export default {
  forbidden: [
    ...folderRules,
    {
      name: "no cycles",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "generated protobuf code stays under protocol/{inline,chunked,grpc} and control-plane",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(protocol/(inline|chunked|grpc)|control-plane)/|\\.test\\.ts$" },
      to: { path: "/gen/" },
    },
    {
      name: "the worker sees the control plane through its port only",
      severity: "error",
      from: { path: "^src/worker/", pathNot: "\\.test\\.ts$" },
      to: { path: "^src/protocol/", pathNot: "^src/protocol/(port|index)\\.ts$" },
    },
    {
      name: "storage authorities see the control plane through the protocol's door only",
      severity: "error",
      from: { path: "^src/authority/", pathNot: "\\.test\\.ts$" },
      to: { path: "^src/protocol/", pathNot: "^src/protocol/index\\.ts$" },
    },
    {
      name: "capture side knows no RPC library",
      severity: "error",
      from: { path: "^src/(parquet|sketch|types|table|capture|model|storage|http)/" },
      to: { path: "@connectrpc|@bufbuild|@grpc" },
    },
    {
      name: "no product code imports tests or development tools",
      severity: "error",
      from: { path: "^src/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(test|bench|scripts)/|\\.test\\.ts$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
