// Software bill of materials (CycloneDX): what is installed with the package and what its bundle contains. Needs a built dist/.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const everything = sbom([]);
const installed = sbom(["--omit=dev"]);
const notices = readFileSync(join(root, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
const bundled = new Set(
  [...notices.matchAll(/^(\S+) (\d\S*)\nLicence: /gm)].map(([, name, version]) => `${name}@${version}`),
);
const wanted = new Set(installed.components.map((component) => component["bom-ref"]));
for (const component of everything.components) {
  if (bundled.has(`${component.group ? `${component.group}/` : ""}${component.name}@${component.version}`)) {
    wanted.add(component["bom-ref"]);
  }
}
const isThere = (ref) => wanted.has(ref) || ref === everything.metadata.component["bom-ref"];
process.stdout.write(
  `${JSON.stringify(
    {
      ...everything,
      components: everything.components.filter((component) => wanted.has(component["bom-ref"])),
      dependencies: everything.dependencies
        .filter(({ ref }) => isThere(ref))
        .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(isThere) })),
    },
    null,
    2,
  )}\n`,
);

function sbom(options) {
  const text = execFileSync("npm", ["sbom", "--package-lock-only", "--sbom-format=cyclonedx", ...options], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    shell: process.platform === "win32",
  });
  return JSON.parse(text);
}
