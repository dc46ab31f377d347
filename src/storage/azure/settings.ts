/** How Azure Blob Storage and Data Lake Storage are read, as plain data. */
export interface AzureSettings {
  /** Blob service in place of `https://<account>.blob.core.windows.net`, such as an emulator's, with the account in its path. */
  readonly endpoint?: string | undefined;
  readonly credentials: AzureCredentialSettings;
}

export type AzureCredentialSettings =
  /** Public containers. */
  | { readonly kind: "anonymous" }
  /** Key or signature of one account; they are sent for no other. */
  | { readonly kind: "shared-key"; readonly account: string; readonly key: string }
  | { readonly kind: "sas"; readonly account: string; readonly sas: string }
  /** An access token that someone else renews. */
  | { readonly kind: "token"; readonly token: string }
  | AzureIdentitySettings;

/** Tokens of Entra ID. */
export type AzureIdentitySettings =
  /** A service principal: by its secret, or by the token that the platform keeps in a file (workload identity). */
  | {
      readonly kind: "client";
      readonly authorityHost?: string | undefined;
      readonly tenantId: string;
      readonly clientId: string;
      readonly proof: { readonly secret: string } | { readonly tokenFile: string };
    }
  /** The identity of the machine, by its metadata server. */
  | {
      readonly kind: "managed";
      readonly clientId?: string | undefined;
      /** Address in place of Azure's. */
      readonly metadataAddress?: string | undefined;
    };
