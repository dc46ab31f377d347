/** docs/configuration.md from the schema; `npm run generate:configuration` writes it, a test proves it current. */
import { everySetting, type SettingInfo } from "./settings/index.ts";
import { environmentNames } from "./settings/setting.ts";
import { CONFIG_FILE_VARIABLE, WITHOUT_EFFECT } from "./unknown.ts";

const TITLES: Readonly<Record<string, string>> = {
  connection: "Connection to the control plane",
  auth: "Authentication to the control plane",
  http: "Identity providers and catalogs over HTTP",
  worker: "Worker",
  capture: "Capture engine",
  storage: "Object stores",
  blobs: "Blob bucket of inline workers",
  statusPage: "Status page, health and metrics",
  telemetry: "Traces and metrics by OTLP",
  log: "Log",
  embedded: "Embedded control plane",
  embeddedAuth: "Callers of the embedded control plane",
};

const INTRODUCTION = `<!-- Written by \`npm run generate:configuration\` from src/config/settings; changes go there. -->
# Settings

A setting has a property name and environment variables: Floecat's own where Floecat has it, so that an environment made for
its Java worker serves as it is. Some have a flag too. What is set wins in this order:

1. flags of the command line,
2. environment variables,
3. the settings file: \`--config <file>\`, or the one that \`${CONFIG_FILE_VARIABLE}\` names,
4. the default.

The file is \`.json\` (nested objects or dotted keys) or, under any other name, Java properties; there, \`\${NAME}\` and
\`\${NAME:default}\` stand for an environment variable or another property. An empty value is as good as none, unless said
otherwise. Names that look like settings and are none are warned of. A secret can come from a file: \`<VARIABLE>_FILE\` in the
environment, \`<key>-file\` in the settings file.

\`floecat-capture config [--json]\` prints the effective settings with where each came from, secrets masked.

The S3 clients read the standard \`AWS_*\` variables. \`NODE_EXTRA_CA_CERTS\` adds certificate authorities for all TLS
connections, the identity provider's among them; the settings below add some for their purpose alone.

Catalogs of \`capture --catalog\` and of a control plane's tables: \`FLOECAT_CATALOG_TOKEN\` (a bearer token), \`FLOECAT_CATALOG_CREDENTIAL\`
(\`id:secret\` of an OAuth2 client), each also as \`…_FILE\`; \`DATABRICKS_HOST\` and \`DATABRICKS_TOKEN\` for Unity Catalog; \`AWS_ENDPOINT_URL_GLUE\`
for Glue.
`;

export function renderReference(): string {
  const sections = new Map<string, SettingInfo[]>();
  const seen = new Set<SettingInfo>();
  for (const { group, info } of everySetting()) {
    if (seen.has(info)) continue;
    seen.add(info);
    sections.set(group, [...(sections.get(group) ?? []), info]);
  }
  const parts = [...sections].map(
    ([group, infos]) => `## ${TITLES[group] ?? group}\n\n${infos.map(renderSetting).join("\n")}`,
  );
  return [INTRODUCTION, ...parts, renderWithoutEffect()].join("\n");
}

function renderSetting(info: SettingInfo): string {
  const also = (info.fallbacks ?? []).flatMap((names) => [names.key, ...environmentNames(names)]);
  const facts = [
    ["Default", info.default === undefined ? info.unset && `unset: ${info.unset}` : code(info.default)],
    ["Unit", info.unit],
    ["Flag", info.flag && code(`--${info.flag}`)],
    ["Environment", environmentNames(info).map(code).join(", ")],
    ["Else read from", also.map(code).join(", ")],
    ["Secret", info.secret === true ? "yes" : ""],
    ["Empty", info.emptyCounts === true ? "counts as a value" : ""],
  ].filter(([, fact]) => fact !== undefined && fact !== "");
  const list = facts.map(([name, fact]) => `- ${name}: ${fact}`).join("\n");
  return `### \`${info.key}\`\n\n${info.doc}\n\n${list}\n`;
}

function renderWithoutEffect(): string {
  const rows = WITHOUT_EFFECT.map(
    (names) => `- ${[names.key, ...environmentNames(names)].map(code).join(", ")}`,
  );
  return `## Without effect

Settings of Floecat's Java worker that mean nothing here, since this worker only captures file groups and has no poll tick. They
may be set.

${rows.join("\n")}
`;
}

function code(text: string): string {
  return `\`${text}\``;
}
