/**
 * A page body that can't be decoded exactly: the reason alone. The engine that called the decoder knows file, column and
 * page and turns it into an `UnreadableFileError`.
 */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}
