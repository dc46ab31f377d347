/**
 * The Helm chart as Helm renders it: the rendering is kept (test/fixtures/generate/helm.sh makes it), since Helm isn't on every
 * machine that runs the tests; a chart that has changed since is told.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { watchReads } from "./read-fields.ts";

const root = join(import.meta.dirname, "../..");
const chart = join(root, "deploy/helm/floecat-capture");
const rendered = join(root, "test/fixtures/data/helm");

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
const schemaModule = z.object({
  validate: z.custom<((value: unknown) => boolean) & { readonly errors?: unknown }>(
    (value) => typeof value === "function",
  ),
});

async function manifests(name: string) {
  const documents = parseAllDocuments(await readFile(join(rendered, `${name}.yaml`), "utf8"));
  return documents.map((document) => manifest.parse(document.toJS()));
}

async function manifestOf(name: string, kind: string): Promise<unknown> {
  return (await manifests(name)).find((each) => each.kind === kind);
}

it("helm: the rendering is that of the chart as it is", async () => {
  const files = (await readdir(chart, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const sums = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    const digest = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    return `${digest}  .${path.slice(chart.length)}`;
  });
  const kept = (await readFile(join(rendered, "chart.sha256"), "utf8")).trim().split("\n");
  expect((await Promise.all(sums)).sort()).toEqual(kept.sort());
});

/** Schemas are named after group, version and kind: `IoK8sApiAppsV1Deployment`. */
async function validatorOf(apiVersion: string, kind: string) {
  const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
  const capital = (word: string) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
  const name = `IoK8sApi${capital(group.replace(/\..*/, ""))}${capital(version)}${kind}`;
  return schemaModule.parse(await import(/* @vite-ignore */ `kubernetes-models/_schemas/${name}`)).validate;
}

/** Kinds of others, for which there are no schemas here. */
const FOREIGN = new Set(["ScaledObject", "PodMonitor"]);

describe.each(["default", "full", "cpu-autoscaling"])("helm: %s", (name) => {
  it("every manifest is as the schemas of Kubernetes want it, with no field that they don't know", async () => {
    for (const { apiVersion, kind, ...rest } of await manifests(name)) {
      if (FOREIGN.has(kind)) continue;
      const validate = await validatorOf(apiVersion, kind);
      const watched = watchReads({ apiVersion, kind, ...rest });
      expect(validate(watched.value), `${kind}: ${JSON.stringify(validate.errors)}`).toBe(true);
      // Maps of texts are read whole, by other means.
      const unknown = watched
        .unread()
        .filter(
          (path) => !/\.(labels|annotations|matchLabels|nodeSelector|data|limits|requests)\.[^.]+/.test(path),
        );
      expect(unknown, kind).toEqual([]);
    }
  });

  it("the pod is not root, has a read-only file system and no capabilities, and drains before it is killed", async () => {
    expect(await manifestOf(name, "Deployment")).toMatchObject({
      spec: {
        strategy: { rollingUpdate: { maxUnavailable: 0 } },
        template: {
          spec: {
            terminationGracePeriodSeconds: 60,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                args: expect.arrayContaining(["worker", "--drain-grace-ms", "30000"]),
                livenessProbe: { httpGet: { path: "/healthz", port: "http" } },
                readinessProbe: { httpGet: { path: "/readyz", port: "http" } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                },
              },
            ],
          },
        },
      },
    });
  });
});

it("helm: secrets come as files, never as values of the environment", async () => {
  const text = JSON.stringify(await manifestOf("full", "Deployment"));
  expect(text).toContain("FLOECAT_RECONCILER_OIDC_CLIENT_SECRET_FILE");
  expect(text).toContain("FLOECAT_CAPTURE_STATUS_PAGE_TOKEN_FILE");
  expect(text).not.toMatch(/"FLOECAT_RECONCILER_OIDC_CLIENT_SECRET"|"FLOECAT_CAPTURE_STATUS_PAGE_TOKEN"/);
});

it("helm: with autoscaling nobody sets the replicas", async () => {
  const replicas = z.object({ spec: z.object({ replicas: z.number().optional() }) });
  expect(replicas.parse(await manifestOf("cpu-autoscaling", "Deployment")).spec.replicas).toBeUndefined();
  expect(replicas.parse(await manifestOf("default", "Deployment")).spec.replicas).toBe(2);
});
