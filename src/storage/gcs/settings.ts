/** How Google Cloud Storage is read, as plain data. */
export interface GcsSettings {
  /** `http://` or `https://`; absent: Google's. */
  readonly endpoint?: string | undefined;
  readonly credentials: GcsCredentialSettings;
}

export type GcsCredentialSettings =
  /** Requests carry no token: public buckets, and emulators. */
  | { readonly kind: "anonymous" }
  /** An access token that someone else renews. */
  | { readonly kind: "token"; readonly token: string }
  /** Application default credentials: the named file, else the one that `gcloud` writes if it is there, else the metadata server. */
  | {
      readonly kind: "application-default";
      readonly credentialsFile?: string | undefined;
      readonly wellKnownFile?: string | undefined;
      /** Host, with a port if need be; absent: Google's. */
      readonly metadataHost?: string | undefined;
    };
