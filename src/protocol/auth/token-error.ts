/** No token could be had. The message never holds a secret or anything that the identity provider's answer says freely. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}
