/** Key of a blob from an `artifact_uri`: one leading `/` is no part of it, everything else is verbatim (02 §5.3). */
export function blobKey(uri: string): string {
  return uri.startsWith("/") ? uri.slice(1) : uri;
}
