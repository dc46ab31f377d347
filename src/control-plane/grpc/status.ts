/** gRPC status codes by name, and the error that ends a call with one of them. */
export const GRPC_STATUS = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;
export type GrpcStatusName = keyof typeof GRPC_STATUS;

/** Ends a call. `details` are the values of `grpc-status-details-bin`, each sent as a header field of its own. */
export class GrpcStatusError extends Error {
  override readonly name = "GrpcStatusError";
  readonly status: GrpcStatusName;
  readonly details: readonly Uint8Array[];

  constructor(status: GrpcStatusName, message = "", details: readonly Uint8Array[] = []) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/** `grpc-message`: UTF-8, everything outside printable ASCII and `%` itself as `%XX`. */
export function encodeGrpcMessage(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
}
