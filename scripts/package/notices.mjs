// Licences of what is bundled: their texts travel with the bundle.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = /^(.*\/node_modules\/((?:@[^/]+\/)?[^/]+))\//;
const LICENSE_FILE = /^(?:licen[cs]e|notice|copying)(?:\.|$|-)/i;

/** The packages that these modules belong to, by name: `{ name, version, license, texts }`. */
export function bundledPackages(moduleIds) {
  const folders = new Map();
  for (const id of moduleIds) {
    const match = FOLDER.exec(id.replaceAll("\\", "/"));
    if (match !== null) folders.set(match[1], match[2]);
  }
  return [...folders]
    .map(([folder, name]) => {
      const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const texts = readdirSync(folder)
        .filter((file) => LICENSE_FILE.test(file))
        .sort()
        .map((file) => readFileSync(join(folder, file), "utf8").trim());
      return { name, version, license, texts };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function thirdPartyNotices(moduleIds) {
  const parts = bundledPackages(moduleIds).map(({ name, version, license, texts }) => {
    const head = `${name} ${version}\nLicence: ${license}`;
    if (texts.length > 0) return `${head}\n\n${texts.join("\n\n")}`;
    return license.includes("Apache-2.0")
      ? `${head}\n\nIts text is that of the file LICENSE of this package.`
      : head;
  });
  const rule = `\n\n${"-".repeat(78)}\n\n`;
  return `This package contains the following packages, in whole or in part.${rule}${parts.join(rule)}\n`;
}
