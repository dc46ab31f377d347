/**
 * The blob store that inline workers and their control plane share (08 §7): where a result goes that one message can't take.
 */
export interface ResultBlobs {
  /** Writes the bytes under a key, over what may lie there. */
  put(
    key: string,
    content: Uint8Array,
    options: { readonly contentType: string; readonly signal: AbortSignal },
  ): Promise<void>;
  /** Told when something couldn't be written and is sent in the message instead. */
  readonly onFallback?: (message: string, error: unknown) => void;
}
