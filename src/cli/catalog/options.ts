import { z } from "zod";

/** What `--catalog` and the options beside it say (`commands/catalog-options.ts`). */
export const catalogShape = {
  catalog: z.enum(["rest", "glue", "unity"]).optional(),
  catalogUri: z.url({ protocol: /^https?$/, error: "an http:// or https:// URL is needed" }).optional(),
  warehouse: z.string().min(1).optional(),
  namespace: z.string().min(1).optional(),
  catalogAuth: z.enum(["auto", "none", "token", "client", "sigv4", "databricks-cli"]),
  catalogTokenFile: z.string().min(1).optional(),
  catalogCredentialFile: z.string().min(1).optional(),
  oauth2ServerUri: z.url({ protocol: /^https?$/, error: "an http:// or https:// URL is needed" }).optional(),
  oauth2Scope: z.string().min(1).optional(),
  signingName: z.string().min(1).optional(),
  signingRegion: z.string().min(1).optional(),
  vendedCredentials: z.boolean(),
  catalogOption: z.array(z.string()),
  /** Flags of the storage settings, which a catalog's word doesn't outweigh. */
  s3Endpoint: z.string().optional(),
  s3Region: z.string().optional(),
  awsProfile: z.string().optional(),
} as const;

const shape = z.object(catalogShape);

export type CatalogOptions = z.infer<typeof shape>;

/** Options that mean nothing without `--catalog`, as flags, if any of them is given. */
export function strayCatalogFlag(options: CatalogOptions): string | undefined {
  if (options.catalog !== undefined) return undefined;
  const given: Readonly<Record<string, unknown>> = {
    "--catalog-uri": options.catalogUri,
    "--warehouse": options.warehouse,
    "--namespace": options.namespace,
    "--catalog-auth": options.catalogAuth === "auto" ? undefined : options.catalogAuth,
    "--catalog-token-file": options.catalogTokenFile,
    "--catalog-credential-file": options.catalogCredentialFile,
    "--oauth2-server-uri": options.oauth2ServerUri,
    "--oauth2-scope": options.oauth2Scope,
    "--signing-name": options.signingName,
    "--signing-region": options.signingRegion,
    "--no-vended-credentials": options.vendedCredentials ? undefined : true,
    "--catalog-option": options.catalogOption[0],
  };
  return Object.keys(given).find((flag) => given[flag] !== undefined);
}
