// Generates TypeScript from proto/, one folder for each wire generation, and one each for what gRPC itself defines and for
// our admin service. `--check` generates into a temporary folder and fails if the committed code differs. Needs no network.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const targets = [
  { proto: "proto/inline", out: "src/protocol/inline/gen" },
  { proto: "proto/chunked", out: "src/protocol/chunked/gen" },
  { proto: "proto/grpc", out: "src/protocol/grpc/gen" },
  { proto: "proto/admin", out: "src/control-plane/gen" },
];

function generate(proto, outDir) {
  const template = {
    version: "v2",
    clean: true,
    plugins: [
      {
        local: [process.execPath, join(root, "node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es")],
        out: outDir,
        // Erasable syntax: Node runs the sources by stripping types, so enums become constant objects.
        opt: ["target=ts", "import_extension=ts", "erasable_syntax=true"],
      },
    ],
  };
  const buf = join(root, "node_modules/@bufbuild/buf/bin/buf");
  execFileSync(process.execPath, [buf, "generate", proto, "--template", JSON.stringify(template)], {
    cwd: root,
    stdio: "inherit",
  });
}

/** Relative path → text of every file below a folder. */
function readTree(dir) {
  const files = new Map();
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(dir.length + 1), readFileSync(path, "utf8"));
  }
  return files;
}

function differences(committed, fresh) {
  const paths = new Set([...committed.keys(), ...fresh.keys()]);
  return [...paths].filter((path) => committed.get(path) !== fresh.get(path)).sort();
}

if (process.argv.includes("--check")) {
  const temporary = mkdtempSync(join(tmpdir(), "generate-proto-"));
  try {
    const stale = targets.flatMap(({ proto, out }, index) => {
      const fresh = join(temporary, String(index));
      generate(proto, fresh);
      return differences(readTree(join(root, out)), readTree(fresh)).map((path) => join(out, path));
    });
    if (stale.length > 0) {
      console.error(`Generated code is not current; run \`npm run generate\`:\n  ${stale.join("\n  ")}`);
      process.exitCode = 1;
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
} else {
  for (const { proto, out } of targets) generate(proto, join(root, out));
}
